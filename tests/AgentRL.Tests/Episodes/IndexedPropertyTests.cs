using System.Globalization;
using System.Text.RegularExpressions;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Tests.Episodes;

/// <summary>What holds under the indexed strategy whatever a policy writes, and the paper's bound on the working context.</summary>
public partial class IndexedPropertyTests
{
    private const int Prompt = 6;
    private static readonly string Inc = ToolCall.Of("inc").Render();

    private static readonly Gen<(ContextOptions Options, long Seed)> Bounded = Gen.Select(
        Gen.Select(Gen.Enum<CompressionTrigger>(), Gen.Enum<CrossingTurn>(), Gen.Enum<StatusStyle>(), Gen.Bool),
        Gen.Select(Gen.Int[20, 60], Gen.Int[20, 60], Gen.Int[40, 120], Gen.Int[0, 3], Gen.Int[0, 2]),
        Gen.Select(Gen.Int[1, 300], Gen.Int[-250, 1500], Gen.Double[0.7, 1.0], Gen.Long)).Select((how, sizes, rest) =>
    {
        var (summary, observation, block, evict, more) = sizes;
        var turn = 130 + block; // room for a compression whose block is at the cap
        var resident = 1 + more + (((2 * turn) + observation + 40 + rest.Item1) / block); // as many as make a turn and an observation fit behind a summary
        var bound = Prompt + summary + (resident * block);
        return (new ContextOptions
        {
            Strategy = ContextStrategyKind.Indexed,
            DiscardCrossingTurn = how.Item2,
            TurnLimit = TurnLimit.Observe,
            MaxTurnTokens = turn,
            MaxSummaryTokens = summary,
            MaxObservationTokens = observation,
            Threshold = rest.Item3,
            WorkingContext = Math.Max((int)((Prompt + 6 + summary + turn + observation + 1) / rest.Item3) + 1, bound + rest.Item2), // W below the bound, or far above
            MaxRounds = 10_000,
            MaxTurns = 400,
            SummarizeInstruction = "sum!",
            Memory = new MemoryOptions
            {
                Trigger = how.Item1,
                Status = how.Item3,
                ReadSeveral = how.Item4,
                Search = true,
                Update = true,
                EvictReadsAfter = evict,
                MaxBlockTokens = block,
                MaxResidentBlocks = resident,
            },
        }, rest.Item4);
    });

    [Fact]
    public void With_both_caps_no_context_exceeds_prompt_and_summary_and_blocks_however_long_the_episode()
    {
        var (longest, rounds, atCap, exhausted) = (0, 0, 0, 0);
        Bounded.Sample((options, seed) =>
        {
            var play = new Play(new ToyEnvironment(), options);
            var episode = play.Run(request => Archivist(play, request, new RandomStream((ulong)seed).Derive(request.TurnIndex).Sequence()));
            var bound = Prompt + options.MaxSummaryTokens + (options.Memory.MaxResidentBlocks * options.Memory.MaxBlockTokens);
            Assert.All(play.Sampled, s => Assert.True(s.Request.Context.Length <= bound && s.Request.Context.Length + s.Result.Ids.Length <= bound));
            Assert.All(play.Sampled, s => Assert.True(s.Request.Context.Length + s.Request.MaxNewTokens <= bound));
            Assert.True(episode.PeakWorkingContext <= bound);
            Assert.True(episode.Outcome is Outcome.TurnsExhausted or Outcome.ContextExhausted);
            InterlockedMax(ref longest, episode.Turns.Count);
            InterlockedMax(ref rounds, episode.Rounds);
            Interlocked.Add(ref atCap, episode.MemoryEvents.Count(e => e.Kind == MemoryEventKind.Read && e.ContentTokens == options.Memory.MaxBlockTokens));
            if (episode.Outcome == Outcome.ContextExhausted) Interlocked.Increment(ref exhausted);
        }, iter: 60);
        // The episodes are long ones, and read blocks at the cap again and again.
        Assert.True(longest == 400 && rounds > 40 && atCap > 500 && exhausted < 50, $"{longest} turns, {rounds} rounds, {atCap} blocks at the cap, {exhausted} exhausted");
    }

    [Fact]
    public void The_number_on_the_status_line_is_the_one_that_is_penalised() => Bounded.Sample((options, seed) =>
    {
        options = options with { MaxTurns = 40, Memory = options.Memory with { Status = StatusStyle.Compact } };
        var play = new Play(new ToyEnvironment(), options);
        var episode = play.Run(request => Archivist(play, request, new RandomStream((ulong)seed).Derive(request.TurnIndex).Sequence()));
        var shown = 0;
        foreach (var turn in episode.Turns.Where(t => t.Discarded is null && (t.Observation is not null || t.Summary is not null)))
        {
            var segment = episode.Segments[turn.Summary is null ? turn.Segment : turn.Segment + 1];
            if (segment.Length < turn.ContextAfter) continue; // the observation that ended the episode
            var text = play.Template.Tokenizer.Decode(segment.Ids.AsSpan(0, turn.ContextAfter - (turn.Summary is null ? 0 : 1)));
            Assert.Equal(turn.ContextAfter.ToString(CultureInfo.InvariantCulture), LineAtEnd().Match(text).Groups[1].Value);
            shown++;
        }
        Assert.True(shown >= episode.Turns.Count(t => t.Discarded is null) - 1);
    }, iter: 60);

    [Fact]
    public void No_text_ever_throws_and_bad_calls_change_no_block() =>
        Gen.Select(Gen.Int[0, 9].Array[1, 12], Gen.String[0, 60].Array[12], Gen.Int[0, 1000].Array[12], Gen.Enum<CompressionTrigger>(), Gen.Bool).Sample((kinds, texts, places, trigger, end) =>
        {
            var options = Roomy with { TurnLimit = end ? TurnLimit.End : TurnLimit.Observe, Memory = Roomy.Memory with { Trigger = trigger } };
            var play = new Play(new ToyEnvironment(), options) { Experience = [("a", "first"), ("b", "second")] };
            var episode = play.Run(request => play.Say(Garbage(kinds[request.TurnIndex % kinds.Length], texts[request.TurnIndex % 12], places[request.TurnIndex % 12]), request));
            AssertOnlyGoodCallsWrite(play, episode);
        }, iter: 1500);

    [Fact]
    public void Sampled_ids_of_any_kind_never_throw() =>
        Gen.Select(Gen.Int[0, new ToyTokenizer().VocabularySize - 1].Array[1, 200].Array[1, 8], Gen.Bool).Sample((turns, stopped) =>
        {
            var play = new Play(new ToyEnvironment(), Roomy) { Experience = [("a", "first")] };
            var episode = play.Run(r => Play.Result([.. turns[r.TurnIndex % turns.Length], new ToyTemplate().End], stopped ? FinishReason.Stop : FinishReason.Length, r));
            AssertOnlyGoodCallsWrite(play, episode);
        }, iter: 300);

    [Theory]
    [InlineData(CompressionTrigger.Soft)]
    [InlineData(CompressionTrigger.Forced)]
    public void Megabytes_in_a_turn_are_one_bad_turn(CompressionTrigger trigger)
    {
        var huge = new string('m', 1 << 17);
        var options = Roomy with { MaxTurnTokens = 4_000_000, WorkingContext = 9_000_000, MaxTurns = 8, Memory = Roomy.Memory with { Trigger = trigger } };
        var play = new Play(new ToyEnvironment(), options) { Experience = [("a", "first")] };
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var episode = play.Run(string.Concat(Enumerable.Repeat(huge, 8)), MemoryTurns.Compress("s", ("n", huge)), MemoryTurns.Read(huge), MemoryTurns.Raw($$"""{"summary":"s","blocks":{{deep}}}"""), MemoryTurns.Raw(huge), "𝄞" + huge + Inc, MemoryTurns.Read("a"));
        Assert.Equal(
            [CallStatus.NoCall, CallStatus.Malformed, CallStatus.Malformed, CallStatus.Malformed, CallStatus.Malformed, CallStatus.Ok, CallStatus.Ok],
            episode.Turns.Take(7).Select(t => t.CallStatus));
        Assert.Equal(["a"], play.Machine.Indices);
        AssertOnlyGoodCallsWrite(play, episode);
    }

    private static readonly ContextOptions Roomy = new()
    {
        Strategy = ContextStrategyKind.Indexed,
        WorkingContext = 900,
        MaxTurnTokens = 300,
        MaxSummaryTokens = 60,
        MaxObservationTokens = 80,
        MaxRounds = 5,
        MaxTurns = 20,
        SummarizeInstruction = "sum!",
        Memory = new MemoryOptions { Search = true, Update = true, Delete = true, ReadSeveral = true, MaxBlockTokens = 50 },
    };

    private static void AssertOnlyGoodCallsWrite(Play play, Episode episode)
    {
        Assert.False(episode.Outcome.IsFailure());
        var blocks = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var happened in episode.MemoryEvents)
        {
            if (happened.Kind is MemoryEventKind.Loaded) blocks[happened.Index] = happened.Content!;
            if (happened.Kind is not (MemoryEventKind.Write or MemoryEventKind.Overwrite or MemoryEventKind.Delete)) continue;
            var turn = episode.Turns[happened.Turn];
            Assert.Equal((TurnKind.MemoryWrite, CallStatus.Ok, false), (turn.Kind, turn.CallStatus, turn.SummaryFellBack));
            Assert.True(IndexName.IsValid(happened.Index));
            if (happened.Kind == MemoryEventKind.Delete) Assert.True(blocks.Remove(happened.Index));
            else blocks[happened.Index] = happened.Content!;
        }
        Assert.Equal(blocks.Keys.Order(StringComparer.Ordinal), play.Machine.Indices.Order(StringComparer.Ordinal));
    }

    /// <summary>Noise, and good calls with a piece of noise in them.</summary>
    private static string Garbage(int kind, string noise, int place)
    {
        if (kind == 0) return noise;
        if (kind == 1) return "<tool_call>" + noise;
        if (kind == 2) return $"<tool_call>{{\"name\":\"{MemoryTools.Compress}\",\"arguments\":{{\"summary\":\"\\ud800\",\"blocks\":[]}}}}</tool_call>";
        var good = (kind % 4) switch
        {
            0 => MemoryTurns.Compress("s", ("a", "x"), ("c", "y")),
            1 => MemoryTurns.Anchored("s", "b", "<|tool|>", "a", "]"),
            2 => MemoryTurns.Update("a", "z"),
            _ => place % 3 == 0 ? MemoryTurns.Delete("b") : place % 3 == 1 ? MemoryTurns.Read("a,b") : MemoryTurns.Search("first"),
        };
        if (kind > 7) return good;
        var at = "<tool_call>".Length + (place % (good.Length - "<tool_call></tool_call>".Length));
        return place % 2 == 0 ? good.Insert(at, noise[..Math.Min(3, noise.Length)]) : good.Remove(at, Math.Min(1 + (place % 5), good.Length - at - "</tool_call>".Length));
    }

    /// <summary>A policy that archives blocks of exactly the cap when its context fills, reads them back, acts, and now and then does something silly.</summary>
    private static GenerationResult Archivist(Play play, MachineRequest.Generate request, RandomSequence draws)
    {
        var options = play.Machine.Options;
        var known = play.Machine.Indices;
        var index = draws.NextBool(0.02) ? $"{draws.NextInt(10, 99)}{new string('i', 62)}" : $"b{draws.NextInt(0, 9)}";
        var content = new string('c', options.Memory.MaxBlockTokens + (draws.NextBool(0.1) ? 1 : 0));
        var bound = Math.Min(options.WorkingContext, Prompt + options.MaxSummaryTokens + (options.Memory.MaxResidentBlocks * options.Memory.MaxBlockTokens) - options.MaxTurnTokens);
        var compress = request.Kind == TurnKind.Summary || draws.NextBool(request.Context.Length > bound - (2 * options.Memory.MaxBlockTokens) - 150 ? 0.95 : 0.05);
        var text = compress ? MemoryTurns.Compress(new string('s', draws.NextInt(1, 20)), (index, content)) : draws.NextInt(0, 9) switch
        {
            0 => Inc,
            1 => ToolCall.Of("fill", ("n", 90)).Render(),
            2 => new string('z', 500),
            3 => MemoryTurns.Update(index, content),
            4 => MemoryTurns.Search("c"),
            5 when known.Count > 1 => MemoryTurns.Read($"{known[0]},{known[^1]}"),
            6 => "",
            _ => MemoryTurns.Read(known.Count > 0 ? known[draws.NextInt(0, known.Count - 1)] : "none"),
        };
        return play.Say(text, request);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target)) Interlocked.CompareExchange(ref target, value, seen);
    }

    [GeneratedRegex(@"\n\d+ (\d+)/\d+ \S+( !{1,2})?$")]
    private static partial Regex LineAtEnd();
}
