using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Histograms;

/// <summary>What the server wants next.</summary>
internal enum Move
{
    Push,
    Pop,
    Drain,
    Done,
}

/// <summary>How replies name the next move.</summary>
internal static class MoveWording
{
    private static readonly string[] Signs = ["+", "-", "!", "."];

    private static readonly string[] Sentences =
        ["Next, push the following bar.", "Next, pop the top bar.", "Next, drain the stack.", "The stack is empty; hand in the answer."];

    public static string Sign(Move move) => Signs[(int)move];

    public static string Sentence(Move move) => Sentences[(int)move];

    /// <summary>The move that a reply names, or null.</summary>
    public static Move? Find(string reply, Rendering rendering)
    {
        var found = rendering == Rendering.Compact
            ? Array.FindIndex(Signs, s => reply.EndsWith(s, StringComparison.Ordinal))
            : Array.FindIndex(Sentences, s => reply.Contains(s, StringComparison.Ordinal));
        return found < 0 ? null : (Move)found;
    }
}
