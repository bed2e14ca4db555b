using AgentRL.Memory;

namespace AgentRL.Episodes;

/// <summary>Changes to what the policy remembers, made while a turn is asked for: the counterfactuals. The environment does not notice.</summary>
public sealed partial class EpisodeMachine
{
    /// <summary>Puts another summary in the place of the one that the present segment began with.</summary>
    /// <param name="summary">The text; more than <c>max_summary_tokens</c> is cut with a mark, as any summary is.</param>
    /// <exception cref="InvalidOperationException">No turn is asked for, or the segment carries no summary.</exception>
    public void ReplaceSummary(string summary)
    {
        if (CarriedSummary is null) throw new InvalidOperationException("The segment carries no summary.");
        Recarry(context.CutTo(summary, options.MaxSummaryTokens, out _), dropped: null);
    }

    /// <summary>Takes a block out of the memory, as if it had never been written: the status line behind the carried summary lists it no more; texts in the context stay.</summary>
    /// <exception cref="InvalidOperationException">No turn is asked for, or the memory has no such block.</exception>
    public void DropBlock(string index)
    {
        Expect<MachineRequest.Generate>();
        if (!memory.Forget(index)) throw new InvalidOperationException($"The memory has no block {index}.");
        if (CarriedSummary is { } carried) Recarry(carried, index);
    }

    /// <summary>From now on the memory finds nothing: reads are answered as those of an unknown index, searches find nothing.</summary>
    public void DenyReads() => memory.DeniesReads = true;

    private void Recarry(string carried, string? dropped)
    {
        var request = Expect<MachineRequest.Generate>();
        context.Recarry(carried, dropped);
        Next = request with { Context = context.BeginTurn() };
    }
}
