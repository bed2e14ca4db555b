using AgentRL.Randomness;

namespace AgentRL.Trust.Tests.Soak;

/// <summary>Draws faults, each call by its number, and counts what was injected.</summary>
internal sealed class Faults(int seed, double rate)
{
    private readonly RandomStream stream = RandomStream.Root(seed, "faults");
    private readonly long[] counts = new long[Enum.GetValues<Fault>().Length];
    private long calls;

    /// <summary>Nothing is injected before.</summary>
    public bool Armed { get; set; }

    public long Calls => Interlocked.Read(ref calls);

    /// <summary>Faults by kind.</summary>
    public IReadOnlyDictionary<Fault, long> Counts => Enum.GetValues<Fault>().Where(f => f != Fault.None).ToDictionary(f => f, f => Interlocked.Read(ref counts[(int)f]));

    /// <summary>Faults that an attempt does not survive.</summary>
    public long Fatal => Counts.Where(f => f.Key is not (Fault.Megabytes or Fault.HalfPairs)).Sum(f => f.Value);

    /// <summary>What goes wrong with this call.</summary>
    public Fault Draw(params ReadOnlySpan<Fault> kinds)
    {
        if (!Armed) return Fault.None;
        var call = Interlocked.Increment(ref calls);
        if (stream.DoubleAt(2 * call) >= rate) return Fault.None;
        var fault = kinds[(int)(stream.BitsAt((2 * call) + 1) % (ulong)kinds.Length)];
        Interlocked.Increment(ref counts[(int)fault]);
        return fault;
    }
}

/// <summary>What can go wrong.</summary>
internal enum Fault
{
    None,

    /// <summary>The environment cannot be made.</summary>
    NotMade,

    /// <summary>A tool throws.</summary>
    Throws,

    /// <summary>A tool says that memory is short.</summary>
    OutOfMemory,

    /// <summary>A tool never answers.</summary>
    NeverAnswers,

    /// <summary>A tool does not come back.</summary>
    Blocks,

    /// <summary>A tool answers with nothing.</summary>
    Nothing,

    /// <summary>The reward is no number.</summary>
    NoNumber,

    /// <summary>The engine fails.</summary>
    Engine,

    /// <summary>A tool answers with more than anyone wants: cut.</summary>
    Megabytes,

    /// <summary>A tool answers with what is no text: repaired.</summary>
    HalfPairs,
}
