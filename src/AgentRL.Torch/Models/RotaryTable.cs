using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Models;

/// <summary>
/// e^(i·position·f) for all positions up to the longest seen, as complex numbers [position, hd/2]; complex64 for float32 and narrower
/// weights (so rotation happens in float32 whatever their type), complex128 for float64. Angles are computed in double precision.
/// </summary>
internal sealed class RotaryTable(TransformerConfig config, ScalarType type, Device device) : IDisposable
{
    private readonly double[] _frequencies = RotaryFrequencies.Of(config);
    private readonly Lock _growing = new();
    private readonly List<Tensor> _outgrown = []; // other threads may still be reading them
    private volatile Table? _table;

    /// <summary>Rows 0 … length−1, [length, hd/2]; owned by this table or by the caller's scope.</summary>
    internal Tensor Prefix(int length) => Grown(length).narrow(0, 0, length);

    /// <summary>Rows at the given positions, [positions…, hd/2].</summary>
    internal Tensor At(Tensor positions, int bound) => Grown(bound).index_select(0, positions);

    public void Dispose()
    {
        _table?.Rows.Dispose();
        foreach (Tensor t in _outgrown)
            t.Dispose();
    }

    private Tensor Grown(int length)
    {
        if (_table is { } large && large.Length >= length)
            return large.Rows;
        using Lock.Scope growing = _growing.EnterScope();
        if (_table is { } grown && grown.Length >= length)
            return grown.Rows;
        int rows = Math.Max(64, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        int pairs = _frequencies.Length;
        double[] parts = new double[rows * pairs * 2];
        for (int position = 0, at = 0; position < rows; position++)
        {
            for (int i = 0; i < pairs; i++, at += 2)
            {
                (double sin, double cos) = Math.SinCos(position * _frequencies[i]);
                parts[at] = cos;
                parts[at + 1] = sin;
            }
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        ScalarType real = type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        if (_table is { } old)
            _outgrown.Add(old.Rows);
        _table = new Table(tensor(parts, [rows, pairs, 2]).to(real).to(device).view_as_complex().clone().DetachFromDisposeScope(), rows);
        return _table.Rows;
    }

    private sealed record Table(Tensor Rows, int Length);
}
