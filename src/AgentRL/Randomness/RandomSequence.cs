namespace AgentRL.Randomness;

/// <summary>Takes the draws of a <see cref="RandomStream"/> in order. Not thread-safe; make one where it is used.</summary>
/// <param name="stream">The stream whose draws are taken from position 0 on.</param>
public sealed class RandomSequence(RandomStream stream)
{
    private long position;

    /// <summary>The next uniform number in [0, 1).</summary>
    public double NextDouble() => stream.DoubleAt(position++);

    /// <summary>The next uniform integer in [<paramref name="minimum"/>, <paramref name="maximum"/>], both included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty.</exception>
    public int NextInt(int minimum, int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, minimum);
        return minimum + (int)(stream.BitsAt(position++) % (ulong)((long)maximum - minimum + 1));
    }

    /// <summary>True with the given probability.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>Shuffles a list in place (Fisher–Yates).</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = NextInt(0, i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
