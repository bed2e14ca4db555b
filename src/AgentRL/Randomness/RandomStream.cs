namespace AgentRL.Randomness;

/// <summary>
/// A counter-based random stream: the n-th draw is a pure function of the stream's key and n, so that no draw depends on what
/// else was drawn before it, on threads, or on what else is in a batch. Keys are derived by name:
/// run seed → purpose → step → task → sample → turn.
/// </summary>
/// <param name="Key">The 64-bit key that names this stream.</param>
public readonly record struct RandomStream(ulong Key)
{
    /// <summary>The root stream of a run.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the stream is for; different purposes are independent.</param>
    public static RandomStream Root(long seed, string purpose) => new RandomStream(Mix((ulong)seed)).Derive(purpose);

    /// <summary>An independent stream named by an integer below this one.</summary>
    /// <param name="part">For example a step, task, sample or turn number.</param>
    public RandomStream Derive(long part) => new(Mix(Key ^ Mix((ulong)part + 0x9E3779B97F4A7C15UL)));

    /// <summary>An independent stream named by a text below this one.</summary>
    /// <param name="part">For example a purpose or a task id.</param>
    public RandomStream Derive(string part)
    {
        var hash = 0xCBF29CE484222325UL; // FNV-1a: string.GetHashCode differs from process to process
        foreach (var c in part) hash = (hash ^ c) * 0x100000001B3UL;
        return new RandomStream(Mix(Key ^ Mix(hash)));
    }

    /// <summary>The draw at a position: 64 uniform bits.</summary>
    public ulong BitsAt(long index) => Mix(Key + (ulong)index * 0x9E3779B97F4A7C15UL + 0x632BE59BD9B4E019UL);

    /// <summary>The draw at a position, uniform in [0, 1) with 53 bits.</summary>
    public double DoubleAt(long index) => (BitsAt(index) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A cursor that takes this stream's draws one after the other.</summary>
    public RandomSequence Sequence() => new(this);

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
