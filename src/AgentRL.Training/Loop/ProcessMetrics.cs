using System.Diagnostics;
using System.Globalization;
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

    /// <summary>Processor time of the whole process so far.</summary>
    public static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    /// <summary>Processor time of the calling thread so far; null where the system does not tell it (Linux does).</summary>
    public static TimeSpan? ThreadTime()
    {
        try
        {
            var text = File.ReadAllText("/proc/thread-self/schedstat"); // nanoseconds on a core, nanoseconds waiting for one, slices
            return long.TryParse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture, out var nanoseconds) ? TimeSpan.FromTicks(nanoseconds / 100) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Peak resident memory of the process, in MiB.</summary>
    public static double PeakMebibytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / Mebibyte;
    }
}
