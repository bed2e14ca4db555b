using AgentRL.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>
/// Right-padded inputs and flat loss tokens of one micro-batch. Loss tokens are in row order. Tensors belong to the scope it is built in.
/// </summary>
internal sealed class MicroBatch
{
    private readonly LossTokens _tokens;
    private readonly ScalarType _type;
    private readonly Device _device;

    internal MicroBatch(IReadOnlyList<TrainingSequence> sequences, IReadOnlyList<int> chosen, ScalarType type, Device device)
    {
        _tokens = new LossTokens(sequences, chosen);
        _type = type;
        _device = device;
        int rows = chosen.Count, width = _tokens.Sequences.Max(s => s.InputLength);
        long[] ids = new long[rows * width];
        for (int b = 0; b < rows; b++)
        {
            TrainingSequence s = _tokens.Sequences[b];
            for (int t = 0; t < s.InputLength; t++)
                ids[b * width + t] = s.Ids[t];
        }
        Ids = tensor(ids, [rows, width], device: device);
        Positions = tensor([.. _tokens.Rows.Zip(_tokens.Positions, (b, t) => (long)b * width + t)], device: device);
        Targets = tensor([.. _tokens.Targets.Select(t => (long)t)], device: device);
    }

    /// <summary>[B, T] int64.</summary>
    internal Tensor Ids { get; }

    /// <summary>[N] int64: rows of the flattened hidden states [B·T, D] that predict loss tokens.</summary>
    internal Tensor Positions { get; }

    /// <summary>[N] int64: the loss tokens.</summary>
    internal Tensor Targets { get; }

    internal PolicyLossInputs Inputs(Tensor logProbs, Tensor? entropies) => _tokens.Inputs(logProbs, entropies, _type, _device);

    /// <summary>Puts flat values [N] back to where their tokens are.</summary>
    internal void Scatter(ReadOnlySpan<float> flat, Func<int, float[]> rowTarget) => _tokens.Scatter(flat, rowTarget);
}
