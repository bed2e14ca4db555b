namespace AgentRL.Cpu.Training;

/// <summary>
/// Sequences without padding, and the tokens in them that bear loss. What sequences begin with in common stands there once: runs of rows form a forest, and a
/// sequence is a path from a root.
/// </summary>
public sealed class PackedTokens
{
    /// <summary>Token ids of all rows: [R].</summary>
    public required int[] Ids { get; init; }

    /// <summary>The runs, in the order of their rows; parents come before their children.</summary>
    public required TokenRun[] Runs { get; init; }

    /// <summary>Rows after which a loss token comes: [N]. A row may be there several times, with what follows it in different sequences.</summary>
    public required int[] LossRows { get; init; }

    /// <summary>The loss tokens: [N].</summary>
    public required int[] Targets { get; init; }

    /// <summary>Sequences one after the other that share nothing.</summary>
    /// <param name="lengths">Their lengths.</param>
    public static TokenRun[] Apart(IEnumerable<int> lengths)
    {
        var row = 0;
        List<TokenRun> runs = [];
        foreach (var length in lengths)
        {
            runs.Add(new TokenRun(row, length, -1, 0));
            row += length;
        }
        return [.. runs];
    }
}

/// <summary>Tokens one after the other.</summary>
/// <param name="First">The first one's row.</param>
/// <param name="Count">How many.</param>
/// <param name="Parent">The run whose last token precedes the first one, or −1.</param>
/// <param name="Position">Tokens before the first one.</param>
public readonly record struct TokenRun(int First, int Count, int Parent, int Position)
{
    /// <summary>Tokens of the sequence up to the last of these.</summary>
    public int End => Position + Count;
}
