using System.Globalization;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tokens;

namespace AgentRL.Replays;

/// <summary>Compares what a replay made with what was recorded, bit by bit; each comparison gives the first difference, or null.</summary>
public static class RecordComparison
{
    /// <summary>One turn.</summary>
    /// <param name="made">By the replay.</param>
    /// <param name="recorded">In the archive.</param>
    /// <param name="sampled">The recorded tokens.</param>
    /// <param name="tokenizer">Places a difference between text and tokens.</param>
    /// <param name="isOld">The recording is older than the fields that penalties are computed from.</param>
    public static Divergence? Turns(Turn made, Turn recorded, IReadOnlyList<int> sampled, ITokenizer tokenizer, bool isOld)
    {
        var found = Number("index of a turn", made.Index, recorded.Index)
            ?? Number("segment of a turn", made.Segment, recorded.Segment)
            ?? Number("position of a turn's tokens", made.Start, recorded.Start)
            ?? Number("tokens of the context at a turn", made.ContextTokens, recorded.ContextTokens)
            ?? Sampled(made, recorded, sampled, tokenizer)
            ?? Value("how generation ended", made.Finish, recorded.Finish)
            ?? Value("kind of a turn", made.Kind, recorded.Kind)
            ?? Text("tool called", made.ToolName, recorded.ToolName)
            ?? Text("arguments of a call", made.ToolArguments, recorded.ToolArguments)
            ?? Text("observation", made.Observation, recorded.Observation)
            ?? Value("what became of a call", made.CallStatus, recorded.CallStatus)
            ?? Value("whether an observation was cut", made.ObservationCut, recorded.ObservationCut)
            ?? Text("summary carried on", made.Summary, recorded.Summary)
            ?? Value("whether a summary fell back to the raw text", made.SummaryFellBack, recorded.SummaryFellBack)
            ?? (isOld ? null : Value("whether a call changed the state", made.ChangedState, recorded.ChangedState))
            ?? (isOld ? null : Number("tokens of the context after a turn", made.ContextAfter, recorded.ContextAfter))
            ?? (recorded.Oracle is null ? null : Text("oracle line", made.Oracle, recorded.Oracle))
            ?? Discarded(made.Discarded, recorded.Discarded);
        return found is null ? null : found with { Turn = found.Turn ?? recorded.Index, Segment = found.Segment ?? recorded.Segment };
    }

    /// <summary>One segment.</summary>
    public static Divergence? Segments(Segment made, Segment recorded, int number, IReadOnlyList<Turn> turns)
    {
        var found = Tokens(made, recorded);
        return found is null ? null : found with { Segment = number, Turn = turns.LastOrDefault(t => t.Segment == number && t.Discarded is null && t.Start <= found.Token)?.Index };
    }

    /// <summary>What remains once turns and segments agree.</summary>
    public static Divergence? Rest(Episode made, Episode recorded, bool isOld) =>
        Number("turns", made.Turns.Count, recorded.Turns.Count)
        ?? Number("segments", made.Segments.Count, recorded.Segments.Count)
        ?? Text("strategy", made.Strategy, recorded.Strategy)
        ?? Value("outcome", made.Outcome, recorded.Outcome)
        ?? Number("rounds", made.Rounds, recorded.Rounds)
        ?? Number("peak of the working context", made.PeakWorkingContext, recorded.PeakWorkingContext)
        ?? Results(made.Result, recorded.Result)
        ?? Events(made.MemoryEvents, recorded.MemoryEvents)
        ?? (isOld ? null : Real("penalty for context above the threshold", made.Penalties.ContextOverflow, recorded.Penalties.ContextOverflow)
            ?? Real("penalty for redundant calls", made.Penalties.Redundancy, recorded.Penalties.Redundancy)
            ?? Real("penalty for malformed turns", made.Penalties.Format, recorded.Penalties.Format));

    /// <summary>Two numbers by their bits.</summary>
    public static Divergence? Real(string what, double? made, double? recorded) =>
        Bits(made) == Bits(recorded) ? null : new Divergence(what, Show(made), Show(recorded));

    /// <summary>Two values.</summary>
    public static Divergence? Value<T>(string what, T made, T recorded) =>
        EqualityComparer<T>.Default.Equals(made, recorded) ? null : new Divergence(what, made?.ToString() ?? "nothing", recorded?.ToString() ?? "nothing");

    private static Divergence? Results(EnvironmentResult made, EnvironmentResult recorded)
    {
        var found = Value("whether the environment ended the episode", made.IsOver, recorded.IsOver)
            ?? Real("reward", made.Reward, recorded.Reward)
            ?? Value("solved", made.Solved, recorded.Solved);
        foreach (var name in made.Parts.Keys.Union(recorded.Parts.Keys).Order(StringComparer.Ordinal))
            found ??= Real($"reward part {name}", made.Parts.TryGetValue(name, out var m) ? m : null, recorded.Parts.TryGetValue(name, out var r) ? r : null);
        return found;
    }

    private static Divergence? Events(IReadOnlyList<MemoryEvent> made, IReadOnlyList<MemoryEvent> recorded)
    {
        for (var i = 0; i < Math.Max(made.Count, recorded.Count); i++)
        {
            var (m, r) = (made.ElementAtOrDefault(i), recorded.ElementAtOrDefault(i));
            if (m == r) continue;
            var found = m is null || r is null || m with { Content = null } != r with { Content = null }
                ? new Divergence($"memory event {i}", Show(m), Show(r))
                : Divergence.OfText($"content of memory block {m.Index} (memory event {i})", m.Content, r.Content);
            return found with { Turn = (m ?? r)!.Turn };
        }
        return null;
    }

    private static Divergence? Sampled(Turn made, Turn recorded, IReadOnlyList<int> sampled, ITokenizer tokenizer)
    {
        if (made.Text == recorded.Text) return Number("sampled tokens of a turn", made.SampledTokens, recorded.SampledTokens);
        var first = 0;
        int[] ids = [.. sampled];
        while (first < ids.Length - 1 && recorded.Text.StartsWith(tokenizer.Decode(ids.AsSpan(0, first + 1)), StringComparison.Ordinal)) first++;
        var found = Divergence.OfText("text of a turn, and its tokens", made.Text, recorded.Text);
        return found with { Token = recorded.Start + first };
    }

    private static Divergence? Discarded(Segment? made, Segment? recorded)
    {
        if (made is null != recorded is null) return new Divergence("discarding of a turn", made is null ? "kept" : "discarded", recorded is null ? "kept" : "discarded");
        return made is null || Tokens(made, recorded!) is not { } found ? null : found with { Discarded = true };
    }

    private static Divergence? Tokens(Segment made, Segment recorded)
    {
        for (var t = 0; t < Math.Min(made.Length, recorded.Length); t++)
        {
            var found = Number("token", made.Ids[t], recorded.Ids[t])
                ?? Value("kind", made.Kinds[t], recorded.Kinds[t])
                ?? Value("loss mask", made.Loss[t], recorded.Loss[t])
                ?? Number("version", made.Versions[t], recorded.Versions[t])
                ?? Real("log-probability", made.LogProbs[t], recorded.LogProbs[t])
                ?? (recorded.Entropies.Length == 0 ? null : Real("entropy", made.Entropies.Length == 0 ? null : made.Entropies[t], recorded.Entropies[t]));
            if (found is not null) return found with { Token = t };
        }
        return Number("length of a segment", made.Length, recorded.Length) is not { } length ? null : length with { Token = Math.Min(made.Length, recorded.Length) };
    }

    private static Divergence? Number(string what, int made, int recorded) => made == recorded ? null : new Divergence(what, $"{made}", $"{recorded}");

    private static Divergence? Text(string what, string? made, string? recorded) => made == recorded ? null : Divergence.OfText(what, made, recorded);

    private static long? Bits(double? value) => value is null ? null : BitConverter.DoubleToInt64Bits(value.Value);

    private static string Show(double? value) => value is null ? "nothing" : value.Value.ToString("R", CultureInfo.InvariantCulture);

    private static string Show(MemoryEvent? happened) => happened is null ? "nothing" : $"{happened.Kind} of '{happened.Index}' in turn {happened.Turn} ({happened.ContentTokens} tokens)";
}
