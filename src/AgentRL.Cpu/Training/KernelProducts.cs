using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>Products of rows with packed matrices.</summary>
internal static unsafe class KernelProducts
{
    /// <summary>target = source · w (+ bias) (+ target), a panel of outputs after the other; outputs in whole lanes, without a panel's padding.</summary>
    public static void Product(this TrainingKernels kernels, RowBuffer source, int sourceRow, int count, PackedMatrix w, RowBuffer target, int targetRow, float* bias, bool accumulate)
    {
        var outputs = TrainingKernels.Padded(w.Outputs);
        for (var column = 0; column < outputs; column += PackedMatrix.WidePanel)
        {
            kernels.Multiply(source.At(sourceRow), source.Stride, count, w.Inputs, w.Floats + ((nint)column * w.Inputs), PackedMatrix.WidePanel, Math.Min(PackedMatrix.WidePanel, outputs - column),
                target.At(targetRow) + column, target.Stride, bias == null ? null : bias + column, accumulate);
        }
    }
}
