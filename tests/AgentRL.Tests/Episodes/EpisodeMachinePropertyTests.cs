using System.Collections.Concurrent;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Replays;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Tests.Episodes;

/// <summary>What holds in every episode, whatever budgets, strategy and policy: policies here write calls, several calls, broken calls, noise and endless turns.</summary>
public class EpisodeMachinePropertyTests
{
    private const int Prompt = 6; // system 2, task 4
    private const int Markup = 6;

    private static readonly Gen<MemoryOptions> Memories = Gen.Select(
        Gen.Enum<CompressionTrigger>(), Gen.Enum<StatusStyle>(), Gen.Enum<StatusCounts>(), Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool), Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 30]),
        (trigger, style, counts, tools, limits) => new MemoryOptions
        {
            Trigger = trigger,
            Status = style,
            StatusCounts = counts,
            Search = tools.Item1,
            Update = tools.Item2,
            Delete = tools.Item3,
            ReadSeveral = tools.Item4,
            EvictReadsAfter = limits.Item1,
            MaxResidentBlocks = limits.Item2,
            MaxBlockTokens = limits.Item2 == 0 ? limits.Item3 : 0, // both caps: see the paper's bound below
        });

    private static readonly Gen<(ContextOptions Options, long Seed)> Cases = Gen.Select(
        Gen.Enum<ContextStrategyKind>(),
        Gen.Enum<CrossingTurn>(),
        Gen.Enum<TurnLimit>(),
        Gen.Select(Gen.Int[2, 80], Gen.Int[2, 60], Gen.Int[4, 60], Gen.Int[1, 150], Gen.Double[0.7, 1.0]),
        Gen.Select(Gen.Int[0, 6], Gen.Int[1, 40]),
        Memories,
        Gen.Long).Select((strategy, crossing, limit, sizes, limits, memory, seed) =>
    {
        var (turn, summary, observation, spare, threshold) = sizes;
        if (strategy == ContextStrategyKind.Indexed) (turn, spare) = (turn + 160, spare * 8); // a compression takes at least 100 tokens, a status line some 20
        var needed = Prompt + Markup + turn + observation + (strategy is ContextStrategyKind.Full or ContextStrategyKind.Truncate or ContextStrategyKind.Retrieval ? 0 : summary);
        return (new ContextOptions
        {
            Strategy = strategy,
            DiscardCrossingTurn = crossing,
            TurnLimit = limit,
            MaxTurnTokens = turn,
            MaxSummaryTokens = summary,
            MaxObservationTokens = observation,
            WorkingContext = (int)Math.Ceiling((needed + spare) / threshold),
            Threshold = threshold,
            MaxRounds = limits.Item1,
            MaxTurns = limits.Item2,
            SummarizeInstruction = "sum!",
            ListTools = false,
            Memory = memory,
        }, seed);
    });

    [Fact]
    public void No_context_is_ever_longer_than_the_longest_that_the_budgets_allow() => ForAll((options, play, episode) =>
    {
        var longest = ContextBudget.LongestContext(options, play.Template);
        Assert.All(play.Sampled, s => Assert.True(s.Request.Context.Length + s.Request.MaxNewTokens <= longest));
        Assert.True(episode.PeakWorkingContext <= longest);
        Assert.All(episode.Segments, s => Assert.True(s.Length <= longest));
    });

    [Fact]
    public void Where_crossing_turns_are_discarded_contexts_stay_below_the_threshold_and_summaries_below_threshold_plus_instruction() => ForAll((options, play, _) =>
    {
        if (options.Strategy is ContextStrategyKind.Full or ContextStrategyKind.Indexed || options.DiscardCrossingTurn == CrossingTurn.KeepTurn) return;
        var markup = play.Template.GenerationPrompt.Length;
        Assert.All(play.Sampled, s => Assert.True(s.Request.Context.Length <
            options.CompressionThreshold + markup + (s.Request.Kind == TurnKind.Summary ? play.Template.Instruction(options.SummarizeInstruction).Length : 0)));
    });

    [Fact]
    public void Under_indexed_contexts_stay_below_the_working_context_and_the_forced_turn_adds_its_instruction() => ForAll((options, play, _) =>
    {
        if (options.Strategy != ContextStrategyKind.Indexed) return;
        var markup = play.Template.GenerationPrompt.Length + (options.Memory.Trigger == CompressionTrigger.Forced ? play.Template.Instruction(options.SummarizeInstruction).Length : 0);
        Assert.All(play.Sampled, s => Assert.True(s.Request.Context.Length < options.WorkingContext + markup));
    });

    [Fact]
    public void Loss_is_borne_by_exactly_the_sampled_tokens_that_stayed_each_once_in_the_order_of_sampling() => ForAll((_, play, episode) =>
    {
        var stayed = play.Sampled.Where((_, i) => episode.Turns[i].Discarded is null).ToList();
        var loss = episode.Segments.SelectMany(s => Enumerable.Range(0, s.Length).Where(t => s.Loss[t]).Select(t => (Id: s.Ids[t], LogProb: s.LogProbs[t], Version: s.Versions[t]))).ToList();
        Assert.Equal(stayed.SelectMany(s => s.Result.Ids.Zip(s.Result.LogProbs, (id, p) => (id, p, 7))), loss);
    });

    [Fact]
    public void All_that_was_sampled_is_kept_or_discarded() => ForAll((_, play, episode) =>
    {
        Assert.Equal(play.Sampled.Count, episode.Turns.Count);
        Assert.Equal(play.Sampled.Select(s => s.Result.Ids.Length), episode.Turns.Select(t => t.SampledTokens));
        var discarded = episode.Turns.Where(t => t.Discarded is not null).Sum(t => t.Discarded!.Versions.Count(v => v == 7));
        Assert.Equal(play.Sampled.Sum(s => s.Result.Ids.Length), episode.Segments.Sum(s => s.LossTokens) + discarded);
    });

    [Fact]
    public void Tokens_that_were_not_sampled_have_no_loss_no_log_probability_and_no_version() => ForAll((_, _, episode) =>
        Assert.All(episode.Segments, s => Assert.All(Enumerable.Range(0, s.Length), t =>
        {
            Assert.Equal(s.Loss[t], s.Versions[t] == 7);
            Assert.Equal(s.Loss[t], s.LogProbs[t] != 0);
            if (s.Loss[t]) Assert.True(s.Kinds[t] is TokenKind.Action or TokenKind.Summary or TokenKind.MemoryWrite or TokenKind.MemoryRead);
        })));

    [Fact]
    public void Each_turn_was_sampled_in_exactly_the_context_that_its_segment_shows() => ForAll((_, play, episode) =>
    {
        foreach (var (turn, (request, result)) in episode.Turns.Zip(play.Sampled))
        {
            Assert.Equal(request.TurnIndex, turn.Index);
            Assert.Equal(request.Context.Length, turn.ContextTokens);
            Assert.Equal(request.Context.Length, turn.Start);
            var segment = episode.Segments[turn.Segment];
            if (turn.Discarded is { } discarded)
            {
                var before = turn.Start - play.Template.GenerationPrompt.Length;
                Assert.Equal(request.Context.ToArray()[..before], segment.Ids[..before]);
                Assert.Equal([.. play.Template.GenerationPrompt, .. result.Ids], discarded.Ids[..(play.Template.GenerationPrompt.Length + result.Ids.Length)]);
                Assert.Equal(0, discarded.LossTokens);
            }
            else
            {
                Assert.Equal(request.Context.ToArray(), segment.Ids[..turn.Start]);
                Assert.Equal(result.Ids, segment.Ids[turn.Start..(turn.Start + result.Ids.Length)]);
            }
        }
    });

    [Fact]
    public void Restarting_strategies_have_one_segment_more_than_rounds_and_evictions_and_others_use_no_rounds() => ForAll((options, _, episode) =>
    {
        var evictions = episode.MemoryEvents.Where(e => e.Kind == MemoryEventKind.Evicted).Select(e => e.Turn).Distinct().Count();
        if (options.Strategy is ContextStrategyKind.Full or ContextStrategyKind.Truncate or ContextStrategyKind.Retrieval) Assert.Equal(0, episode.Rounds);
        else Assert.Equal(episode.Rounds + 1 + evictions, episode.Segments.Count);
        if (options.Strategy == ContextStrategyKind.Indexed) Assert.Equal(episode.Rounds, episode.Turns.Count(t => t.Summary is not null));
        if (options.Strategy is not (ContextStrategyKind.Indexed or ContextStrategyKind.Retrieval)) Assert.Empty(episode.MemoryEvents);
        if (options.Strategy == ContextStrategyKind.Full) Assert.Single(episode.Segments);
        Assert.True(episode.Rounds <= options.MaxRounds);
        if (options.Strategy == ContextStrategyKind.Summary) Assert.Equal(episode.Rounds, episode.Turns.Count(t => t.Kind == TurnKind.Summary));
    });

    [Fact]
    public void Every_segment_begins_with_the_opening_and_every_later_one_of_a_summary_with_what_was_carried() => ForAll((options, play, episode) =>
    {
        int[] opening = [.. play.Template.Opening("s", [], "n=3").SelectMany(p => p.Ids)];
        Assert.All(episode.Segments, s => Assert.Equal(opening, s.Ids[..opening.Length]));
        if (options.Strategy != ContextStrategyKind.Summary) return;
        foreach (var (segment, summary) in episode.Segments.Skip(1).Zip(episode.Turns.Where(t => t.Kind == TurnKind.Summary)))
        {
            var carried = play.Template.CarriedSummary(summary.Summary!);
            Assert.Equal(carried, segment.Ids[opening.Length..(opening.Length + carried.Length)]);
        }
    });

    [Fact]
    public void Every_ending_is_the_budget_that_ran_out() => ForAll((options, play, episode) =>
    {
        Assert.True(episode.Turns.Count <= options.MaxTurns);
        Assert.Equal(episode.Outcome == Outcome.Answered, episode.Result.IsOver);
        switch (episode.Outcome)
        {
            case Outcome.TurnsExhausted:
                Assert.Equal(options.MaxTurns, episode.Turns.Count);
                break;
            case Outcome.RoundsExhausted:
                Assert.Equal(options.MaxRounds, episode.Rounds);
                break;
            case Outcome.ContextExhausted:
                Assert.True(options.Strategy is ContextStrategyKind.Full or ContextStrategyKind.Indexed);
                Assert.True((options.Strategy == ContextStrategyKind.Full ? episode.Segments[0].Length : episode.Turns[^1].ContextAfter) >= options.WorkingContext);
                break;
            case Outcome.TurnTokensExhausted:
                Assert.Equal((TurnLimit.End, options.MaxTurnTokens), (options.TurnLimit, play.Sampled[^1].Result.Ids.Length));
                break;
            default:
                Assert.Equal(Outcome.Answered, episode.Outcome);
                break;
        }
    });

    [Fact]
    public void The_environment_remembers_the_discarded_turns_unless_it_is_restored() => ForAll((options, _, episode, environment) =>
    {
        var counted = episode.Turns.Where(t => t is { ToolName: "inc", CallStatus: CallStatus.Ok });
        Assert.Equal(counted.Count(t => t.Discarded is null || options.DiscardCrossingTurn != CrossingTurn.Restore), environment.Count);
    });

    [Fact]
    public void A_discarded_turn_is_followed_by_a_new_segment_or_its_summary() => ForAll((_, _, episode) =>
    {
        foreach (var (turn, next) in episode.Turns.Zip(episode.Turns.Skip(1)))
        {
            if (turn.Discarded is not null) Assert.True(next.Kind == TurnKind.Summary || next.Summary is not null || next.Segment == turn.Segment + 1);
            if (turn.Summary is not null) Assert.True(next.Segment == turn.Segment + 1 && next.Kind != TurnKind.Summary);
        }
    });

    [Fact]
    public void The_same_choices_give_the_same_episode() => Cases.Sample((options, seed) =>
    {
        var (first, second) = (Run(options, seed).Episode, Run(options, seed).Episode);
        Assert.Equal(first.Segments.Select(s => s.Ids), second.Segments.Select(s => s.Ids));
        Assert.Equal(first.Outcome, second.Outcome);
    });

    [Fact]
    public void Every_episode_can_be_executed_again_from_its_tokens_and_comes_out_the_same() => ForAll((options, play, episode) =>
    {
        var replayed = Replay(options, play, episode);
        Assert.Null(replayed.Divergence?.ToString());
        Assert.Equal(episode.Segments.Select(s => s.Ids), replayed.Made!.Segments.Select(s => s.Ids));
        Assert.Equal(episode.MemoryEvents, replayed.Made.MemoryEvents);
    });

    [Fact]
    public void An_episode_that_failed_in_the_middle_is_executed_up_to_there() => Cases.Sample((options, seed) =>
    {
        var whole = Run(options, seed);
        var failing = (int)((ulong)seed % (ulong)whole.Episode.Turns.Count);
        var play = new Play(new ToyEnvironment { Oracle = ((ToyEnvironment)whole.Play.Link.Environment).Oracle }, options);
        var episode = play.Run(request => request.TurnIndex == failing
            ? new GenerationResult(0, [], [], FinishReason.Failed, 7, "no numbers")
            : Turn(play, request, new RandomStream((ulong)seed).Derive(request.TurnIndex).Sequence()));
        Assert.Equal(Outcome.GenerationFailed, episode.Outcome);
        Assert.Null(Replay(options, play, episode).Divergence?.ToString());
    }, iter: 100);

    private static ReplayedEpisode Replay(ContextOptions options, Play play, Episode episode) => EpisodeReplay.RunAsync(
        episode, () => new ToyEnvironment { Oracle = ((ToyEnvironment)play.Link.Environment).Oracle }, play.Template, options, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    [Fact]
    public void The_policies_here_meet_all_that_can_happen_to_a_memory()
    {
        var met = new ConcurrentDictionary<(CompressionTrigger Trigger, MemoryEventKind Kind), int>();
        Cases.Where(c => c.Options.Strategy == ContextStrategyKind.Indexed).Sample((options, seed) =>
        {
            foreach (var happened in Run(options, seed).Episode.MemoryEvents) met.AddOrUpdate((options.Memory.Trigger, happened.Kind), 1, (_, n) => n + 1);
        }, iter: 800);
        // Nothing is loaded; all else happens under both triggers, the rarest some twenty times.
        Assert.Empty(from t in Enum.GetValues<CompressionTrigger>() from k in Enum.GetValues<MemoryEventKind>() where k != MemoryEventKind.Loaded && !met.ContainsKey((t, k)) select (t, k));
    }

    private static void ForAll(Action<ContextOptions, Play, Episode> property) => ForAll((o, p, e, _) => property(o, p, e));

    private static void ForAll(Action<ContextOptions, Play, Episode, ToyEnvironment> property) => Cases.Sample((options, seed) =>
    {
        var (play, episode, environment) = Run(options, seed);
        property(options, play, episode, environment);
    }, iter: 400);

    private static (Play Play, Episode Episode, ToyEnvironment Environment) Run(ContextOptions options, long seed)
    {
        var environment = new ToyEnvironment { Oracle = new string('o', (int)((ulong)seed % 70)) };
        var play = new Play(environment, options);
        return (play, play.Run(request => Turn(play, request, new RandomStream((ulong)seed).Derive(request.TurnIndex).Sequence())), environment);
    }

    private static GenerationResult Turn(Play play, MachineRequest.Generate request, RandomSequence draws)
    {
        var noise = string.Concat(Enumerable.Range(0, draws.NextInt(0, 30)).Select(_ => "aé𝄞 <\n"[draws.NextInt(0, 3)] is var c && char.IsSurrogate(c) ? "𝄞" : c.ToString()));
        var inc = ToolCall.Of("inc").Render();
        var memory = play.Machine.Options.Strategy is ContextStrategyKind.Indexed or ContextStrategyKind.Retrieval;
        if (memory && draws.NextBool(0.6)) return play.Say(MemoryCall(play.Machine.Indices, draws, noise), request);
        var text = draws.NextInt(0, 11) switch
        {
            0 or 1 or 2 or 3 => inc,
            4 => ToolCall.Of("fill", ("n", draws.NextInt(0, 90))).Render(),
            5 => ToolCall.Of("say", ("t", noise)).Render(),
            6 => inc + inc,
            7 => "<tool_call>" + noise,
            8 => noise,
            9 => $"<summary>{noise}</summary>",
            10 => new string('z', 200),
            _ => draws.NextBool(0.2) ? ToolCall.Of("answer", ("n", 8)).Render() : noise + inc,
        };
        return play.Say(text, request);
    }

    private static string MemoryCall(IReadOnlyList<string> known, RandomSequence draws, string noise)
    {
        var index = known.Count > 0 && draws.NextBool(0.7) ? known[draws.NextInt(0, known.Count - 1)] : $"b{draws.NextInt(0, 3)}";
        var content = noise + new string('c', draws.NextInt(1, 30));
        return draws.NextInt(0, 14) switch
        {
            0 or 1 or 2 or 3 => MemoryTurns.Compress("k" + noise, (index, content)),
            4 => MemoryTurns.Anchored("k", index, "c", "=", "<|assistant|>"),
            5 => MemoryTurns.Compress(noise, ("no good", content)),
            6 or 7 or 8 or 9 => MemoryTurns.Read(index),
            10 => MemoryTurns.Read($"{index},b0"),
            11 => MemoryTurns.Search("inc c"),
            12 => MemoryTurns.Update(index, content),
            _ => MemoryTurns.Delete(index),
        };
    }
}
