using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Tokens;

namespace AgentRL.Archive.Exchange;

/// <summary>Episodes to rows and back.</summary>
internal static class EpisodeRows
{
    public static EpisodeRow From(Episode e) => new()
    {
        Phase = e.Key.Phase,
        Step = e.Key.Step,
        Group = e.Key.Group,
        Sample = e.Key.Sample,
        TaskId = e.TaskId,
        Strategy = e.Strategy,
        Outcome = EnumName.Of(e.Outcome),
        IsOver = e.Result.IsOver,
        Reward = e.Result.Reward,
        Solved = e.Result.Solved,
        RewardParts = [.. e.Result.Parts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new RewardPartRow { Name = p.Key, Value = p.Value })],
        PenaltyContextOverflow = e.Penalties.ContextOverflow,
        PenaltyRedundancy = e.Penalties.Redundancy,
        PenaltyFormat = e.Penalties.Format,
        Return = e.Return,
        Advantage = e.Advantage,
        Masked = e.Masked,
        Rounds = e.Rounds,
        PeakWorkingContext = e.PeakWorkingContext,
        Failure = e.Failure,
        Retries = e.Retries,
        Segments = [.. e.Segments.Select(s => From(s, e.Masked == true ? 0 : e.Advantage))],
        Turns = [.. e.Turns.Select(From)],
        MemoryEvents = [.. e.MemoryEvents.Select(From)],
    };

    /// <exception cref="FormatException">The row is no episode; the message says why.</exception>
    public static Episode To(EpisodeRow r)
    {
        var parts = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in Items(r.RewardParts, "reward_parts"))
            if (!parts.TryAdd(Known(part.Name, "name"), part.Value)) throw new FormatException($"the reward part '{part.Name}' stands twice");
        return new Episode
        {
            Key = new EpisodeKey(Known(r.Phase, "phase"), r.Step, r.Group, r.Sample),
            TaskId = Known(r.TaskId, "task_id"),
            Strategy = Known(r.Strategy, "strategy"),
            Outcome = EnumName.To<Outcome>(r.Outcome, "outcome"),
            Result = new EnvironmentResult(r.IsOver, r.Reward, r.Solved, parts),
            Penalties = new Penalties(r.PenaltyContextOverflow, r.PenaltyRedundancy, r.PenaltyFormat),
            Return = r.Return,
            Advantage = r.Advantage,
            Masked = r.Masked,
            Rounds = r.Rounds,
            PeakWorkingContext = r.PeakWorkingContext,
            Failure = r.Failure,
            Retries = r.Retries,
            Segments = [.. Items(r.Segments, "segments").Select(To)],
            Turns = [.. Items(r.Turns, "turns").Select(To)],
            MemoryEvents = [.. Items(r.MemoryEvents, "memory_events").Select(m =>
                new MemoryEvent(EnumName.To<MemoryEventKind>(m.Kind, "kind"), m.Turn, Known(m.Index, "index"), m.Content, m.ContentTokens))],
        };
    }

    /// <param name="s">The segment.</param>
    /// <param name="advantage">What its loss tokens carry; null where it is not known.</param>
    private static SegmentRow From(Segment s, double? advantage) => new()
    {
        Ids = [.. s.Ids],
        Kinds = [.. s.Kinds.Select(k => (int)k)],
        Loss = [.. s.Loss],
        LogProbs = [.. s.LogProbs],
        Versions = [.. s.Versions],
        Entropies = [.. s.Entropies],
        Advantages = advantage is { } a ? [.. s.Loss.Select(l => l ? a : 0)] : [],
    };

    private static Segment To(SegmentRow s)
    {
        var kinds = Known(s.Kinds, "kinds");
        if (kinds.Any(k => k is < 0 or > byte.MaxValue)) throw new FormatException("a kind of token is not between 0 and 255");
        var segment = new Segment(
            [.. Known(s.Ids, "ids")], [.. kinds.Select(k => (TokenKind)k)], [.. Known(s.Loss, "loss")],
            [.. Known(s.LogProbs, "log_probs")], [.. Known(s.Versions, "versions")])
        {
            Entropies = [.. Known(s.Entropies, "entropies")],
        };
        return Records.SegmentRecord.IsRegular(segment) ? segment : throw new FormatException("the lists of a segment differ in length");
    }

    private static MemoryRow From(MemoryEvent m) => new()
    {
        Kind = EnumName.Of(m.Kind),
        Turn = m.Turn,
        Index = m.Index,
        Content = m.Content,
        ContentTokens = m.ContentTokens,
    };

    private static TurnRow From(Turn t) => new()
    {
        Index = t.Index,
        Segment = t.Segment,
        Kind = EnumName.Of(t.Kind),
        Start = t.Start,
        SampledTokens = t.SampledTokens,
        ContextTokens = t.ContextTokens,
        ContextAfter = t.ContextAfter,
        Finish = EnumName.Of(t.Finish),
        Text = t.Text,
        ToolName = t.ToolName,
        ToolArguments = t.ToolArguments,
        CallStatus = EnumName.Of(t.CallStatus),
        ChangedState = t.ChangedState,
        Observation = t.Observation,
        ObservationCut = t.ObservationCut,
        Summary = t.Summary,
        SummaryFellBack = t.SummaryFellBack,
        Oracle = t.Oracle,
        Discarded = t.Discarded is null ? null : From(t.Discarded, null),
        GenerationMilliseconds = t.GenerationMilliseconds,
        ToolMilliseconds = t.ToolMilliseconds,
    };

    private static Turn To(TurnRow t) => new()
    {
        Index = t.Index,
        Segment = t.Segment,
        Kind = EnumName.To<TurnKind>(t.Kind, "kind"),
        Start = t.Start,
        SampledTokens = t.SampledTokens,
        ContextTokens = t.ContextTokens,
        ContextAfter = t.ContextAfter,
        Finish = EnumName.To<Rollouts.FinishReason>(t.Finish, "finish"),
        Text = Known(t.Text, "text"),
        ToolName = t.ToolName,
        ToolArguments = t.ToolArguments,
        CallStatus = EnumName.To<CallStatus>(t.CallStatus, "call_status"),
        ChangedState = t.ChangedState,
        Observation = t.Observation,
        ObservationCut = t.ObservationCut,
        Summary = t.Summary,
        SummaryFellBack = t.SummaryFellBack,
        Oracle = t.Oracle,
        Discarded = t.Discarded is null ? null : To(t.Discarded),
        GenerationMilliseconds = t.GenerationMilliseconds,
        ToolMilliseconds = t.ToolMilliseconds,
    };

    private static IEnumerable<T> Items<T>(List<T>? list, string field)
        where T : class => Known(list, field).Select((item, i) => Known(item, $"{field}[{i}]"));

    private static T Known<T>(T? value, string field)
        where T : class => value ?? throw new FormatException($"'{field}' is null");
}
