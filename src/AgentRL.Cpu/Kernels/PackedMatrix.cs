using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// A weight matrix in the order in which products read it: panels of outputs side by side, [outputs / panel][inputs][panel], what is missing in the last one zero.
/// Several matrices over the same inputs can stand side by side, so that one product computes them all.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>Outputs of a panel where up to twelve rows pass over it: a register tile's columns, which memory then gives one after the other.</summary>
    public const int NarrowPanel = 32;

    /// <summary>Outputs of a panel where up to six rows pass over it.</summary>
    public const int WidePanel = 64;

    private readonly NativeBuffer<float>? floats;
    private readonly NativeBuffer<ushort>? halves;
    private readonly NativeBuffer<float>? bias;

    public PackedMatrix(int inputs, int outputs, WeightStorage storage, bool hasBias = false, int panel = NarrowPanel)
    {
        Panel = panel;
        Inputs = inputs;
        Outputs = outputs;
        var length = (long)Padded * inputs;
        if (storage == WeightStorage.Bfloat16) halves = new NativeBuffer<ushort>(length);
        else floats = new NativeBuffer<float>(length);
        if (hasBias) bias = new NativeBuffer<float>(Padded);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Outputs rounded up to whole panels, whichever they are: the width of a product's result.</summary>
    public int Padded => PaddedTo(Outputs);

    public int Panels => Padded / Panel;

    /// <summary>Outputs of a panel: <see cref="NarrowPanel"/> or <see cref="WidePanel"/>.</summary>
    public int Panel { get; }

    /// <summary>[panels][inputs][panel], or null when stored as bfloat16.</summary>
    public float* Floats => floats is null ? null : floats.Pointer;

    /// <summary>The upper halves of float32 numbers, or null.</summary>
    public ushort* Halves => halves is null ? null : halves.Pointer;

    /// <summary>[padded outputs], or null.</summary>
    public float* Bias => bias is null ? null : bias.Pointer;

    /// <summary>Bytes held.</summary>
    public long Bytes => (floats?.Length * sizeof(float) ?? 0) + (halves?.Length * sizeof(ushort) ?? 0) + (bias?.Length * sizeof(float) ?? 0);

    public static int PaddedTo(int outputs) => (outputs + WidePanel - 1) / WidePanel * WidePanel;

    /// <summary>Copies rows [outputs][inputs] to the outputs from <paramref name="first"/> on.</summary>
    public void Fill(ReadOnlySpan<float> rows, int first)
    {
        var count = rows.Length / Inputs;
        for (var row = 0; row < count;)
        {
            // As many rows as stay within a group of 16 outputs: their columns are written side by side.
            var (panel, lane) = Math.DivRem(first + row, Panel);
            var group = Math.Min(count - row, 16 - (lane % 16));
            var start = ((long)panel * Inputs * Panel) + lane;
            for (var i = 0; i < group; i++)
            {
                var source = rows.Slice((row + i) * Inputs, Inputs);
                if (floats is not null)
                {
                    float* target = floats.Pointer + start + i;
                    for (var k = 0; k < source.Length; k++) target[(long)k * Panel] = source[k];
                }
                else
                {
                    ushort* target = halves!.Pointer + start + i;
                    for (var k = 0; k < source.Length; k++) target[(long)k * Panel] = Narrow(source[k]);
                }
            }
            row += group;
        }
    }

    /// <summary>Copies biases to the outputs from <paramref name="first"/> on.</summary>
    public void FillBias(ReadOnlySpan<float> biases, int first) => biases.CopyTo(bias!.Span[first..]);

    /// <summary>One output's weights, widened: a token's embedding.</summary>
    public void Read(int output, float* target)
    {
        var (panel, lane) = Math.DivRem(output, Panel);
        var start = ((long)panel * Inputs * Panel) + lane;
        if (floats is not null)
        {
            float* source = floats.Pointer + start;
            for (var k = 0; k < Inputs; k++) target[k] = source[(nint)k * Panel];
        }
        else
        {
            ushort* source = halves!.Pointer + start;
            for (var k = 0; k < Inputs; k++) target[k] = BitConverter.UInt32BitsToSingle((uint)source[(nint)k * Panel] << 16);
        }
    }

    public void Dispose()
    {
        floats?.Dispose();
        halves?.Dispose();
        bias?.Dispose();
    }

    /// <summary>To the nearest bfloat16, ties to even; the caller has seen to it that the number is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
