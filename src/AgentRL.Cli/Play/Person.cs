using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Tools;

namespace AgentRL.Cli.Play;

/// <summary>A person in the policy's place: sees what the policy would see, and writes calls as <c>get(3)</c> or as JSON.</summary>
internal sealed class Person(EpisodeStart start, ContextOptions options, CliContext context) : ITurnSource
{
    private int shownTurns;
    private int shownSegment;

    /// <summary>Shows the task and how to play.</summary>
    public void Introduce()
    {
        context.Heading(start.TaskId);
        context.Out.WriteLine(start.SystemText);
        foreach (var tool in start.Tools) context.Out.WriteLine($"  {tool.Signature}  {tool.Description}");
        context.Out.WriteLine($"task: {start.TaskText}");
        context.Out.WriteLine($"Write calls such as {Example()}; text before a call is your thought. Your context holds {options.WorkingContext} tokens; at {options.CompressionThreshold} you will be asked for a summary ({options.MaxRounds} at the most). Ctrl-D ends the game.");
    }

    /// <inheritdoc/>
    public async ValueTask<string?> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken)
    {
        ShowNews(machine);
        var isSummary = request.Kind == TurnKind.Summary;
        if (isSummary) context.Out.WriteLine(options.SummarizeInstruction);
        context.Out.Write(isSummary ? $"summary [at most {request.MaxNewTokens} tokens]> " : $"[{machine.ContextTokens}/{options.WorkingContext}]> ");
        await context.Out.FlushAsync(cancellationToken);
        // The console's own asynchronous read blocks, and would not notice Ctrl-C.
        var line = await Task.Run(context.In.ReadLine, cancellationToken).WaitAsync(cancellationToken) ?? throw new GameLeftException();
        return isSummary ? $"<summary>{line}</summary>" : CallShorthand.Expand(line, start.Tools);
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

    private string Example() => start.Tools.FirstOrDefault(t => t.Signature.Contains('(', StringComparison.Ordinal) && !t.Signature.EndsWith("()", StringComparison.Ordinal))?.Signature ?? "done(1)";
}

/// <summary>The person's input ended before the game did.</summary>
internal sealed class GameLeftException : Exception;
