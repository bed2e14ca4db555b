using System.Globalization;

namespace AgentRL.Fuzz;

/// <summary>An input at which a parser broke its promise.</summary>
/// <param name="Index">Number of the input.</param>
/// <param name="Fault">What happened.</param>
internal sealed record FuzzFailure(long Index, string Fault);

/// <summary>What came of one target's inputs. Not thread-safe: each thread has its own, and they are added.</summary>
internal sealed class TargetReport
{
    /// <summary>Failures kept in words; further ones are counted.</summary>
    public const int MostKept = 20;

    public long Inputs { get; private set; }

    public long Accepted { get; private set; }

    public long Refused { get; private set; }

    public long Failed { get; private set; }

    public TimeSpan Slowest { get; private set; }

    public long SlowestIndex { get; private set; }

    public long MostAllocated { get; private set; }

    public long MostAllocatedIndex { get; private set; }

    public List<FuzzFailure> Failures { get; } = [];

    public static string Header => "| parser | inputs | accepted | refused | slowest | most allocated | failures |\n|---|---|---|---|---|---|---|";

    public void Count(long index, string? refusal, string? fault, TimeSpan time, long allocated)
    {
        Inputs++;
        if (fault is not null) Fail(index, fault);
        else if (refusal is null) Accepted++;
        else Refused++;
        Note(time, index, allocated, index);
    }

    public void Add(TargetReport other)
    {
        (Inputs, Accepted, Refused, Failed) = (Inputs + other.Inputs, Accepted + other.Accepted, Refused + other.Refused, Failed + other.Failed);
        Note(other.Slowest, other.SlowestIndex, other.MostAllocated, other.MostAllocatedIndex);
        Failures.AddRange(other.Failures.Take(MostKept - Failures.Count));
    }

    public string Row(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Inputs:N0} | {Accepted:N0} | {Refused:N0} | {Slowest.TotalMilliseconds:F0} ms (#{SlowestIndex}) | {MostAllocated / 1024.0 / 1024:F1} MiB (#{MostAllocatedIndex}) | {Failed:N0} |");

    private void Fail(long index, string fault)
    {
        Failed++;
        if (Failures.Count < MostKept) Failures.Add(new FuzzFailure(index, fault));
    }

    private void Note(TimeSpan time, long slow, long allocated, long hungry)
    {
        if (time > Slowest) (Slowest, SlowestIndex) = (time, slow);
        if (allocated > MostAllocated) (MostAllocated, MostAllocatedIndex) = (allocated, hungry);
    }
}
