using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;

namespace AgentRL.Archive.Tests;

/// <summary>Structural comparison, bit by bit, written without the codec. Returns the first difference, or null.</summary>
internal static class Same
{
    private static readonly Segment[] NoSegments = [];
    private static readonly Turn[] NoTurns = [];
    private static readonly MemoryEvent[] NoEvents = [];
    private static readonly EnvironmentResult NoResult = EnvironmentResult.Running;

    public static string? Difference(Episode a, Episode b)
    {
        if (a.Segments.Count != b.Segments.Count) return "segments";
        if (a.Turns.Count != b.Turns.Count) return "turns";
        for (var i = 0; i < a.Segments.Count; i++)
            if (Difference(a.Segments[i], b.Segments[i]) is { } d) return $"segment {i}: {d}";
        for (var i = 0; i < a.Turns.Count; i++)
            if (Difference(a.Turns[i], b.Turns[i]) is { } d) return $"turn {i}: {d}";
        if (Difference(a.Result, b.Result) is { } r) return r;
        if (!a.MemoryEvents.SequenceEqual(b.MemoryEvents)) return "memory events";
        if (Bits(a.Return) != Bits(b.Return)) return "return";
        if (!Bits(a.Penalties).SequenceEqual(Bits(b.Penalties))) return "penalties";
        return Bits(a.Advantage) == Bits(b.Advantage) && Plain(a) == Plain(b) ? null : "header";

        // What is left once the parts without value equality are taken out has value equality.
        static Episode Plain(Episode e) => e with { Segments = NoSegments, Turns = NoTurns, Result = NoResult, Advantage = null, MemoryEvents = NoEvents, Penalties = Penalties.None, Return = null };
    }

    private static string? Difference(EnvironmentResult a, EnvironmentResult b)
    {
        if (a.IsOver != b.IsOver || a.Solved != b.Solved || Bits(a.Reward) != Bits(b.Reward)) return "result";
        return a.Parts.Count == b.Parts.Count && a.Parts.All(p => b.Parts.TryGetValue(p.Key, out var v) && Bits(v) == Bits(p.Value)) ? null : "parts";
    }

    private static string? Difference(Turn a, Turn b)
    {
        if (a.Discarded is null != b.Discarded is null) return "discarded";
        if (a.Discarded is not null && Difference(a.Discarded, b.Discarded!) is { } d) return $"discarded: {d}";
        if (Bits(a.GenerationMilliseconds) != Bits(b.GenerationMilliseconds) || Bits(a.ToolMilliseconds) != Bits(b.ToolMilliseconds)) return "times";
        return Plain(a) == Plain(b) ? null : "fields";

        static Turn Plain(Turn t) => t with { Discarded = null, GenerationMilliseconds = 0, ToolMilliseconds = 0 };
    }

    private static string? Difference(Segment a, Segment b)
    {
        if (!a.Ids.AsSpan().SequenceEqual(b.Ids)) return "ids";
        if (!a.Kinds.AsSpan().SequenceEqual(b.Kinds)) return "kinds";
        if (!a.Loss.AsSpan().SequenceEqual(b.Loss)) return "loss";
        if (!a.LogProbs.Select(BitConverter.SingleToInt32Bits).SequenceEqual(b.LogProbs.Select(BitConverter.SingleToInt32Bits))) return "log-probs";
        if (!a.Entropies.Select(BitConverter.SingleToInt32Bits).SequenceEqual(b.Entropies.Select(BitConverter.SingleToInt32Bits))) return "entropies";
        return a.Versions.AsSpan().SequenceEqual(b.Versions) ? null : "versions";
    }

    private static long?[] Bits(Penalties p) => [Bits(p.ContextOverflow), Bits(p.Redundancy), Bits(p.Format)];

    private static long? Bits(double? value) => value is { } v ? BitConverter.DoubleToInt64Bits(v) : null;
}
