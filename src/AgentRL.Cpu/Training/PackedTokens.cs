namespace AgentRL.Cpu.Training;

/// <summary>Sequences one after the other, without padding, and the tokens in them that bear loss.</summary>
public sealed class PackedTokens
{
    /// <summary>Token ids [T] of all sequences.</summary>
    public required int[] Ids { get; init; }

    /// <summary>First row of each sequence, and T at the end: [sequences + 1].</summary>
    public required int[] Starts { get; init; }

    /// <summary>Rows after which a loss token comes, ascending: [N].</summary>
    public required int[] LossRows { get; init; }

    /// <summary>The loss tokens: [N].</summary>
    public required int[] Targets { get; init; }
}
