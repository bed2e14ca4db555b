using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>
/// Rows of activations, zero at first. From row to row it is an odd number of cache lines: with a power of two, columns of a block of rows would
/// share a few sets of the cache and push each other out.
/// </summary>
internal sealed unsafe class RowBuffer : IDisposable
{
    /// <summary>Rows that may be read behind the last one, by kernels that take four at once.</summary>
    private const int Slack = 3;
    private readonly NativeBuffer<float> numbers;

    /// <param name="rows">Rows.</param>
    /// <param name="columns">Numbers of a row, a multiple of 16.</param>
    public RowBuffer(int rows, int columns)
    {
        Stride = columns + (columns / TrainingKernels.Lanes % 2 == 0 ? TrainingKernels.Lanes : 0);
        numbers = new NativeBuffer<float>((rows + Slack) * (long)Stride);
    }

    /// <summary>Numbers from row to row.</summary>
    public nint Stride { get; }

    public long Bytes => numbers.Length * sizeof(float);

    public float* At(int row) => numbers.Pointer + (row * Stride);

    public void Dispose() => numbers.Dispose();
}
