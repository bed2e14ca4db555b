using System.Diagnostics;
using AgentRL.Metrics;
using TorchSharp;

namespace AgentRL.Training.Loop;

/// <summary>What the process uses.</summary>
internal static class ProcessMetrics
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Resident memory now and at its peak, and tensors alive.</summary>
    public static IReadOnlyList<Metric> Now()
    {
        using var process = Process.GetCurrentProcess();
        return [new("memory/resident_mb", process.WorkingSet64 / Mebibyte), new("memory/peak_mb", PeakMebibytes()), new("memory/live_tensors", torch.Tensor.TotalCount)];
    }

    /// <summary>Peak resident memory of the process, in MiB.</summary>
    public static double PeakMebibytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / Mebibyte;
    }
}
