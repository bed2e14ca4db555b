using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Cli.Play;

/// <summary>A person in the policy's place: sees what the policy would see, and writes calls as <c>get(3)</c> or as JSON.</summary>
internal sealed class Person(EpisodeStart start, ContextOptions options, CliContext context) : ITurnSource
{
    private const string Archiving = MemoryTools.Compress + """("what you know", [{"index":"a","content":"what to keep word for word"}])""";

    private readonly IReadOnlyList<ToolDescription> tools = [.. start.Tools, .. MemoryTools.For(options)];
    private int shownTurns;
    private int shownSegment;

    /// <summary>Shows the task and how to play.</summary>
    public void Introduce()
    {
        context.Heading(start.TaskId);
        context.Out.WriteLine(start.SystemText);
        foreach (var tool in tools) context.Out.WriteLine($"  {tool.Signature}  {tool.Description}");
        context.Out.WriteLine($"task: {start.TaskText}");
        if (options.Strategy == ContextStrategyKind.Indexed) context.Out.WriteLine($"To archive, write {Archiving}; then {MemoryTools.Read}(a) gives it back.");
        context.Out.WriteLine($"Write calls such as {Example()}; text before a call is your thought. Your context holds {options.WorkingContext} tokens; {WhenFull()}. Ctrl-D ends the game.");
    }

    /// <inheritdoc/>
    public async ValueTask<string?> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken)
    {
        ShowNews(machine);
        var isSummary = request.Kind == TurnKind.Summary && options.Strategy != ContextStrategyKind.Indexed;
        if (request.Kind == TurnKind.Summary && !isSummary) context.Out.WriteLine($"compress now: {Archiving}");
        if (isSummary) context.Out.WriteLine(options.SummarizeInstruction);
        context.Out.Write(isSummary ? $"summary [at most {request.MaxNewTokens} tokens]> " : $"[{machine.ContextTokens}/{options.WorkingContext}{(machine.Indices.Count > 0 ? $", archived: {string.Join(' ', machine.Indices)}" : "")}]> ");
        await context.Out.FlushAsync(cancellationToken);
        // The console's own asynchronous read blocks, and would not notice Ctrl-C.
        var line = await Task.Run(context.In.ReadLine, cancellationToken).WaitAsync(cancellationToken) ?? throw new GameLeftException();
        return isSummary ? $"<summary>{line}</summary>" : CallShorthand.Expand(line, tools);
    }

    /// <summary>Shows how it ended.</summary>
    public void Conclude(Episode episode)
    {
        if (episode.Turns.LastOrDefault()?.Observation is { } last) context.Out.WriteLine($"  {last}");
        context.Out.WriteLine($"{episode.Outcome}: reward {episode.Reward:F2}, {episode.Turns.Count} turns, {episode.Rounds} rounds, largest context {episode.PeakWorkingContext} tokens");
    }

    private void ShowNews(EpisodeMachine machine)
    {
        foreach (var turn in machine.Turns.Skip(shownTurns))
        {
            if (turn.Discarded is not null) context.Out.WriteLine($"  (crossed the threshold: this turn is forgotten) {turn.Observation}");
            else if (turn.Observation is not null) context.Out.WriteLine($"  {turn.Observation}");
        }
        shownTurns = machine.Turns.Count;
        if (machine.SegmentIndex == shownSegment) return;
        shownSegment = machine.SegmentIndex;
        context.Heading("-- a new context: all you know is");
        context.Out.WriteLine($"task: {start.TaskText}");
        if (machine.CarriedSummary is { } carried) context.Out.WriteLine($"summary: {carried}");
    }

    private string WhenFull() => options.Strategy switch
    {
        ContextStrategyKind.Indexed when options.Memory.Trigger == CompressionTrigger.Soft => $"compress it yourself, best below {options.OverflowThreshold} ({options.MaxRounds} times at the most): when it is full the game ends",
        ContextStrategyKind.Full => "when it is full the game ends",
        ContextStrategyKind.Truncate or ContextStrategyKind.Retrieval => "the oldest turns leave it when it is full",
        _ => $"at {options.CompressionThreshold} you will be asked for a summary ({options.MaxRounds} at the most)",
    };

    private string Example() => start.Tools.FirstOrDefault(t => t.Signature.Contains('(', StringComparison.Ordinal) && !t.Signature.EndsWith("()", StringComparison.Ordinal))?.Signature ?? "done(1)";
}

/// <summary>The person's input ended before the game did.</summary>
internal sealed class GameLeftException : Exception;
