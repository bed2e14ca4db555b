using System.Globalization;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Cli.Inspect;

/// <summary>An episode as people read it: per segment what was carried in, then its turns, with what was discarded marked as such.</summary>
internal sealed class EpisodeView(TokenText text, bool showTokens)
{
    private readonly List<Line> lines = [];
    private MemoryView? memory;

    public IReadOnlyList<Line> Render(Episode episode)
    {
        lines.Clear();
        memory = new MemoryView(episode);
        Header(episode);
        for (var s = 0; s < episode.Segments.Count; s++) Segment(episode, s);
        foreach (var turn in episode.Turns.Where(t => t.Segment >= episode.Segments.Count || t.Segment < 0)) Turn(turn);
        return [.. lines];
    }

    /// <summary>Names of token kinds as people read them.</summary>
    public static string Name(TokenKind kind) => kind switch
    {
        TokenKind.CarriedSummary => "carried summary",
        TokenKind.MemoryContent => "memory content",
        TokenKind.MemoryWrite => "memory write",
        TokenKind.MemoryRead => "memory read",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private void Header(Episode e)
    {
        Add(LineStyle.Heading, $"episode {e.Key}");
        Field("task", e.TaskId);
        Field("strategy", e.Strategy);
        Field("outcome", e.Outcome + (e.Solved ? ", solved" : ", not solved"));
        if (e.Failure is not null) Field("failure", e.Failure);
        if (e.Retries > 0) Field("retries", Number(e.Retries));
        Field("reward", Number(e.Reward) + string.Concat(e.Result.Parts.Select(p => $", {p.Key} {Number(p.Value)}")));
        Field("penalties", $"context overflow {Number(e.Penalties.ContextOverflow)}, redundancy {Number(e.Penalties.Redundancy)}, format {Number(e.Penalties.Format)}");
        Field("return", e.Return is { } r ? Number(r) : "not known");
        Field("advantage", (e.Advantage is { } a ? Number(a) : "not known") + (e.Masked == true ? ", masked: bears no loss" : ""));
        Field("rounds", Number(e.Rounds));
        Field("peak context", $"{e.PeakWorkingContext} tokens");
    }

    private void Segment(Episode episode, int number)
    {
        var segment = episode.Segments[number];
        var turns = episode.Turns.Where(t => t.Segment == number).ToList();
        Add(LineStyle.Plain, "");
        Add(LineStyle.Heading, $"segment {number + 1} of {episode.Segments.Count}: {segment.Length} tokens, {segment.LossTokens} with loss");
        var shown = 0;
        foreach (var turn in turns)
        {
            if (turn.Discarded is null)
            {
                Context(segment, shown, turn.Start, isOpening: shown == 0);
                shown = Math.Max(shown, turn.Start + turn.SampledTokens);
            }
            Turn(turn);
        }
        Context(segment, shown, segment.Length, isOpening: shown == 0);
        if (!showTokens) return;
        Add(LineStyle.Heading, $"tokens of segment {number + 1}: position, id, kind, loss, log-probability, entropy, advantage, policy version, text");
        Tokens(segment, 0, "loss", episode.Masked == true ? null : episode.Advantage);
    }

    /// <summary>What stands between turns. Observations are left out there, as their turn has shown them; at the beginning all is shown.</summary>
    private void Context(Segment segment, int from, int to, bool isOpening)
    {
        to = Math.Clamp(to, 0, segment.Length);
        for (var start = from; start < to;)
        {
            var end = start + 1;
            while (end < to && segment.Kinds[end] == segment.Kinds[start]) end++;
            var kind = segment.Kinds[start];
            var isScaffold = kind is TokenKind.Observation or TokenKind.Action or TokenKind.Summary or TokenKind.MemoryRead or TokenKind.MemoryWrite or TokenKind.MemoryContent;
            if (isOpening || !isScaffold) Block(StyleOf(kind), $"  [{Name(kind)}] ", text.Of(segment.Ids.AsSpan(start, end - start)));
            start = end;
        }
    }

    private void Turn(Turn turn)
    {
        var discarded = turn.Discarded is not null;
        var head = $"turn {turn.Index}: {Name(turn.Kind)}, {turn.SampledTokens} tokens after {turn.ContextTokens}{Call(turn)}{Finish(turn.Finish)}{memory!.Of(turn)}";
        if (discarded) Add(LineStyle.Discarded, $"  DISCARDED {head}; the context left this turn out");
        else Add(LineStyle.Faint, $"  {head}{Times(turn)}");
        var mark = discarded ? "  x " : "  ";
        Block(discarded ? LineStyle.Discarded : StyleOf(turn.Kind), $"{mark}> ", turn.Text);
        if (turn.Observation is not null)
            Block(discarded ? LineStyle.Discarded : turn.Kind == TurnKind.MemoryRead ? LineStyle.Memory : LineStyle.Observation, $"{mark}< ", turn.Observation + (turn.ObservationCut ? " [cut to its budget]" : ""));
        if (turn.Summary is not null)
            Block(LineStyle.Summary, $"{mark}carried on{FallBack(turn)}: ", turn.Summary);
        if (!showTokens || !discarded) return;
        Add(LineStyle.Heading, "  tokens discarded:");
        Tokens(turn.Discarded!, turn.Start, "discarded", null);
    }

    /// <summary>What was sampled and then discarded bears no loss, whatever its flag says.</summary>
    private void Tokens(Segment segment, int first, string lossMark, double? advantage)
    {
        for (var i = 0; i < segment.Length; i++)
        {
            var sampled = segment.Versions[i] >= 0;
            Add(StyleOf(segment.Kinds[i]), string.Join('\t',
                Number(first + i), Number(segment.Ids[i]), Name(segment.Kinds[i]), segment.Loss[i] ? lossMark : "-",
                sampled ? Fixed(segment.LogProbs[i]) : "-", sampled && segment.Entropies.Length == segment.Length ? Fixed(segment.Entropies[i]) : "-",
                segment.Loss[i] && advantage is { } a ? Fixed(a) : "-", sampled ? Number(segment.Versions[i]) : "-",
                $"\"{SafeText.OneLine(text.Of(segment.Ids.AsSpan(i, 1)))}\""));
        }
    }

    private static string Name(TurnKind kind) => kind switch
    {
        TurnKind.MemoryWrite => "memory write",
        TurnKind.MemoryRead => "memory read",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string FallBack(Turn turn) => !turn.SummaryFellBack ? "" : turn.Kind == TurnKind.MemoryWrite ? " (the compression was refused)" : " (no closing tag: raw text)";

    private static string Call(Turn turn) => turn switch
    {
        { Kind: TurnKind.Summary } => "",
        { ToolName: { } name, CallStatus: CallStatus.Ok } => $", calls {SafeText.OneLine(name)}",
        { ToolName: { } name } => $", calls {SafeText.OneLine(name)} ({turn.CallStatus})",
        { CallStatus: CallStatus.Ok } => "",
        _ => $", {turn.CallStatus}",
    };

    private static string Finish(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "",
        FinishReason.Length => ", cut at its token budget",
        _ => ", generation failed",
    };

    private static string Times(Turn turn) => turn.GenerationMilliseconds == 0 && turn.ToolMilliseconds == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", {turn.GenerationMilliseconds:F1} ms + tool {turn.ToolMilliseconds:F1} ms");

    private static LineStyle StyleOf(TokenKind kind) => kind switch
    {
        TokenKind.Action => LineStyle.Policy,
        TokenKind.Observation => LineStyle.Observation,
        TokenKind.Summary or TokenKind.CarriedSummary => LineStyle.Summary,
        TokenKind.MemoryContent or TokenKind.MemoryRead or TokenKind.MemoryWrite => LineStyle.Memory,
        _ => LineStyle.Faint,
    };

    private static LineStyle StyleOf(TurnKind kind) => kind switch
    {
        TurnKind.Summary => LineStyle.Summary,
        TurnKind.MemoryWrite or TurnKind.MemoryRead => LineStyle.Memory,
        _ => LineStyle.Policy,
    };

    private static string Fixed(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private void Field(string name, string value) => Add(LineStyle.Plain, $"{name,-13} {SafeText.OneLine(value)}");

    /// <summary>A text under a mark; further lines are indented to the same column.</summary>
    private void Block(LineStyle style, string mark, string content)
    {
        foreach (var line in SafeText.Lines(content))
        {
            Add(style, (mark + line).TrimEnd());
            mark = new string(' ', mark.Length);
        }
    }

    private void Add(LineStyle style, string line) => lines.Add(new Line(style, line));
}
