using AgentRL.Randomness;

namespace AgentRL.Fuzz.Mutation;

/// <summary>Draws that mutation needs.</summary>
internal static class Draws
{
    /// <summary>One of some.</summary>
    public static T Pick<T>(this RandomSequence random, IReadOnlyList<T> from) => from[random.NextInt(0, from.Count - 1)];

    /// <summary>1, seldom 2, more seldom 3 …</summary>
    public static int Few(this RandomSequence random, int most = 8)
    {
        var count = 1;
        while (count < most && random.NextBool(0.4)) count++;
        return count;
    }
}
