using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Rollouts;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Archive.Tests;

/// <summary>Arbitrary episodes: any text (lone surrogates too), any float bits, empty and absent parts.</summary>
internal static class Arbitrary
{
    public static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char, 0, 20], Gen.String[Gen.Char['a', 'z'], 0, 200], Gen.Const("höhö \U0001F600 <tool_call>"), Gen.Const("\uD800"), Gen.Const("a\uDC00b"));

    private static readonly Gen<string?> MaybeText = Gen.OneOf(Text.Select(t => (string?)t), Gen.Const((string?)null));

    private static readonly Gen<int> Number = Gen.OneOf(Gen.Int[0, 300], Gen.Int);

    private static readonly Gen<double> Real = Gen.OneOf(Gen.Double, Gen.Double[0, 1], Gen.Const(0.0), Gen.Const(-0.0), Gen.Const(double.NaN));

    public static readonly Gen<Segment> Segment =
        from n in Gen.Int[0, 40]
        from ids in Gen.OneOf(Gen.Int[0, 511], Gen.Int[0, 151_999], Gen.Int).Array[n]
        from kinds in Gen.Byte[0, 10].Array[n]
        from loss in Gen.Bool.Array[n]
        from bits in Gen.OneOf(Gen.Int, Gen.Const(0)).Array[n]
        from versions in Gen.OneOf(Gen.Const(-1), Gen.Int).Array[n]
        from entropies in Gen.OneOf(Gen.OneOf(Gen.Int, Gen.Const(0)).Array[n], Gen.Const(Array.Empty<int>()))
        select new Segment(ids, [.. kinds.Select(k => (TokenKind)k)], loss, [.. bits.Select(BitConverter.Int32BitsToSingle)], versions)
        {
            Entropies = [.. entropies.Select(BitConverter.Int32BitsToSingle)],
        };

    private static readonly Gen<Turn> Turn =
        from numbers in Number.Array[6]
        from kind in Gen.Byte[0, 4]
        from enums in Gen.Int[0, 1].Array[2]
        from text in Text
        from texts in MaybeText.Array[5]
        from flags in Gen.Bool.Array[4]
        from discarded in Segment
        from times in Real.Array[2]
        select new Turn
        {
            Index = numbers[0],
            Segment = numbers[1],
            Kind = (TurnKind)kind,
            Start = numbers[2],
            SampledTokens = numbers[3],
            ContextTokens = numbers[4],
            Finish = (FinishReason)enums[0],
            CallStatus = (CallStatus)enums[1],
            Text = text,
            ToolName = texts[0],
            ToolArguments = texts[1],
            Observation = texts[2],
            Summary = texts[3],
            Oracle = texts[4],
            ObservationCut = flags[0],
            SummaryFellBack = flags[1],
            Discarded = flags[2] ? discarded : null,
            ChangedState = flags[3],
            ContextAfter = numbers[5],
            GenerationMilliseconds = times[0],
            ToolMilliseconds = times[1],
        };

    private static readonly Gen<EnvironmentResult> Result =
        from flags in Gen.Bool.Array[2]
        from reward in Real
        from names in Text.Array[0, 3]
        from values in Real.Array[3]
        select new EnvironmentResult(flags[0], reward, flags[1], names.Distinct(StringComparer.Ordinal).Select((n, i) => (n, values[i])).ToDictionary(p => p.n, p => p.Item2));

    private static readonly Gen<MemoryEvent> MemoryEvent =
        from kind in Gen.Byte[0, 12]
        from turn in Gen.OneOf(Gen.Const(-1), Number)
        from index in Text
        from content in MaybeText
        from tokens in Number
        select new MemoryEvent((MemoryEventKind)kind, turn, index, content, tokens);

    private static readonly Gen<Penalties> Penalty =
        from parts in Real.Array[3]
        select new Penalties(parts[0], parts[1], parts[2]);

    public static readonly Gen<Episode> Episode =
        from texts in Text.Array[3]
        from failure in MaybeText
        from numbers in Number.Array[6]
        from segments in Segment.Array[0, 4]
        from turns in Turn.Array[0, 5]
        from outcome in Gen.Int[0, 7]
        from result in Result
        from advantage in Real.Nullable()
        from masked in Gen.Bool.Nullable()
        from memory in MemoryEvent.Array[0, 6]
        from penalties in Gen.OneOf(Penalty, Gen.Const(Penalties.None))
        from returned in Real.Nullable()
        select new Episode
        {
            Key = new EpisodeKey(texts[0], numbers[0], numbers[1], numbers[2]),
            TaskId = texts[1],
            Strategy = texts[2],
            Segments = segments,
            Turns = turns,
            Outcome = (Outcome)outcome,
            Result = result,
            Rounds = numbers[3],
            PeakWorkingContext = numbers[4],
            Failure = failure,
            Retries = numbers[5],
            Advantage = advantage,
            Masked = masked,
            MemoryEvents = memory,
            Penalties = penalties,
            Return = returned,
        };
}
