using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Rollouts;

public class EpisodeDriverTests
{
    private static readonly ToyTemplate Template = new();
    internal static readonly string Inc = ToolCall.Of("inc").Render();
    internal static readonly string Answer = ToolCall.Of("answer", ("n", 8)).Render();

    private static readonly ContextOptions Context = new()
    {
        WorkingContext = 400,
        MaxTurnTokens = 50,
        MaxSummaryTokens = 20,
        MaxObservationTokens = 20,
        MaxTurns = 30,
        SummarizeInstruction = "sum!",
    };

    [Fact]
    public void Episodes_finish_in_any_order_and_are_reported_with_their_plans_index()
    {
        // Episode i waits 10 − 2i steps for each turn: the last one is done first.
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 2 ? Inc : Answer, 10 - (2 * (int)r.SequenceId)));
        var order = new List<int>();
        Driver(engine, concurrency: 5).Run(Plans(5), (i, e) =>
        {
            order.Add(i);
            Assert.Equal((i, Outcome.Answered), (e.Key.Sample, e.Outcome));
        }, default);
        Assert.Equal([4, 3, 2, 1, 0], order);
    }

    [Fact]
    public void One_slow_episode_holds_up_no_other_one_and_its_room_mates_make_place_for_the_next()
    {
        using var engine = new ScriptedEngine(r => Say(Answer, r.SequenceId == 0 ? 1000 : 1));
        var order = new List<int>();
        Driver(engine, concurrency: 2).Run(Plans(20), (i, _) =>
        {
            order.Add(i);
            if (order.Count == 19) Assert.True(engine.Steps < 30);
        }, default);
        Assert.Equal([.. Enumerable.Range(1, 19), 0], order);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(50)]
    public void As_many_episodes_run_at_once_as_allowed_and_no_more(int concurrency)
    {
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 2 ? Inc : Answer, 1 + (int)(r.SequenceId % 4)));
        var (begun, done, most) = (0, 0, 0);
        Driver(engine, concurrency).Run(Plans(20, _ =>
        {
            begun++;
            most = Math.Max(most, begun - done);
            return new ToyEnvironment();
        }), (_, _) => done++, default);
        Assert.Equal((20, Math.Min(20, concurrency), Math.Min(20, concurrency)), (done, most, engine.MostPending));
    }

    [Fact]
    public void Each_turn_is_asked_for_with_its_own_derived_stream_and_the_plans_sampling()
    {
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 3 ? Inc : Answer, 1 + (int)(r.SequenceId % 3)));
        var plans = Plans(7);
        Driver(engine, 3).Run(plans, (_, _) => { }, default);
        foreach (var requests in engine.Requests.GroupBy(r => r.SequenceId))
        {
            var plan = plans[(int)requests.Key];
            Assert.Equal(Enumerable.Range(0, 4).Select(t => plan.Stream.Derive(t)), requests.Select(r => r.Stream));
            Assert.All(requests, r => Assert.Equal((plan.Sampling, 50, Template.End), (r.Sampling, r.MaxNewTokens, Assert.Single(r.StopIds))));
        }
    }

    [Fact]
    public void Summaries_have_their_own_budget()
    {
        using var engine = new ScriptedEngine(r => Say(r.MaxNewTokens == 20 ? "<summary>k</summary>" : Turn(r) < 5 ? Inc : Answer));
        Assert.Equal(1, Run(engine, Plans(1), Context with { WorkingContext = 150 })[0].Rounds);
        Assert.Contains(20, engine.Requests.Select(r => r.MaxNewTokens));
    }

    [Fact]
    public void An_environment_that_takes_its_time_lets_the_others_generate_meanwhile()
    {
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 5 ? Inc : Answer));
        var gate = new TaskCompletionSource();
        var order = new List<int>();
        Driver(engine, 3).Run(
            Plans(3, i => i == 0 ? new HookedEnvironment(new ToyEnvironment()) { OnStep = (n, _) => n == 0 ? new ValueTask(gate.Task) : null } : new ToyEnvironment()),
            (i, e) =>
            {
                order.Add(i);
                Assert.Equal((Outcome.Answered, 6), (e.Outcome, e.Turns.Count));
                if (order.Count == 2) gate.SetResult(); // only now, when both others are done
            },
            default);
        Assert.Equal(0, order[^1]);
    }

    [Fact]
    public void Environments_that_all_complete_later_are_waited_for()
    {
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 3 ? Inc : Answer));
        var episodes = Run(engine, Plans(6, _ => new HookedEnvironment(new ToyEnvironment()) { OnStep = (_, _) => Later() }));
        Assert.All(episodes, e => Assert.Equal((Outcome.Answered, 4), (e.Outcome, e.Turns.Count)));
        Assert.All(episodes, e => Assert.Equal("c=3", e.Turns[2].Observation));

        static async ValueTask Later() => await Waiting();
    }

    [Fact]
    public void A_watch_knows_what_the_running_episodes_wait_for()
    {
        var time = new TickingTime();
        var watch = new RolloutWatch();
        var seen = new List<string>();
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 1 ? Inc : Answer, 3));
        engine.OnAdvance = _ =>
        {
            time.Move(1000);
            seen.Add(string.Join(" | ", watch.Waits(time)));
        };
        var never = new TaskCompletionSource();
        var plans = Plans(2, i => new HookedEnvironment(new ToyEnvironment()) { OnStep = (n, _) => i == 0 && n == 0 ? new ValueTask(never.Task) : null });
        new EpisodeDriver(engine, Template, Context, new DriverOptions(2, 0, TimeSpan.FromSeconds(1)) { Watch = watch }, time).Run(plans, (i, _) =>
        {
            if (i == 1) never.SetResult();
        }, default);
        Assert.Equal("test/0/0/0 waits for turn 0 of the engine, 1 s | test/0/0/1 waits for turn 0 of the engine, 1 s", seen[0]);
        Assert.Equal("test/0/0/0 waits for the tool inc, 3 s | test/0/0/1 waits for turn 1 of the engine, 3 s", seen[5]);
        Assert.Empty(watch.Waits(time));
        Assert.True(watch.Events > seen.Count);
    }

    [Fact]
    public void Every_sequence_is_released_when_its_episode_ends()
    {
        using var engine = new ScriptedEngine(r => Say(Turn(r) < (int)r.SequenceId ? Inc : Answer));
        Driver(engine, 4).Run(Plans(9), (i, _) => Assert.DoesNotContain(i, engine.Open), default);
        Assert.Empty(engine.Open);
        Assert.Equal(9, engine.Requests.Select(r => r.SequenceId).Distinct().Count());
    }

    [Fact]
    public void Cancelling_during_generation_ends_the_run_at_once_and_releases_all_sequences()
    {
        using var cancel = new CancellationTokenSource();
        using var engine = new ScriptedEngine(_ => Say(Inc, 3)) { ReleaseWhilePending = true };
        engine.OnAdvance = step =>
        {
            if (step == 5) cancel.Cancel();
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Driver(engine, 4).Run(Plans(9), (_, _) => Assert.Fail("nothing finishes"), cancel.Token));
        Assert.Equal(5, engine.Steps);
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void Cancelling_while_only_environments_are_waited_for_ends_the_run()
    {
        using var cancel = new CancellationTokenSource();
        using var engine = new ScriptedEngine(_ => Say(Inc));
        var waiting = 0;
        var plans = Plans(2, _ => new HookedEnvironment(new ToyEnvironment())
        {
            OnStep = (_, _) =>
            {
                if (Interlocked.Increment(ref waiting) == 2) ThreadPool.QueueUserWorkItem(_ => cancel.Cancel());
                return new ValueTask(new TaskCompletionSource().Task);
            },
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Driver(engine, 2).Run(plans, (_, _) => Assert.Fail("nothing finishes"), cancel.Token));
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void A_cancelled_environment_call_is_a_cancellation_where_the_run_was_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        using var engine = new ScriptedEngine(_ => Say(Inc));
        var plans = Plans(1, _ => new HookedEnvironment(new ToyEnvironment())
        {
            OnStep = (_, token) =>
            {
                cancel.Cancel();
                token.ThrowIfCancellationRequested();
                return null;
            },
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Driver(engine, 1).Run(plans, (_, _) => Assert.Fail("nothing finishes"), cancel.Token));
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void A_prompt_without_room_costs_its_own_episode_and_is_not_tried_again()
    {
        using var engine = new ScriptedEngine(_ => Say(Answer));
        var episodes = Run(engine, Plans(2, i => i == 0 ? new HostileEnvironment { OnTaskText = () => new string('x', 400) } : new ToyEnvironment()));
        Assert.Equal([Outcome.EnvironmentFailed, Outcome.Answered], episodes.Select(e => e.Outcome));
        Assert.StartsWith("ContextBudgetException", episodes[0].Failure, StringComparison.Ordinal);
        Assert.Equal(0, episodes[0].Retries);
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void Whoever_takes_the_episodes_can_stop_the_run_by_throwing()
    {
        using var engine = new ScriptedEngine(r => Say(Answer, 1 + (int)r.SequenceId)) { ReleaseWhilePending = true };
        Assert.Throws<InvalidDataException>(() => Driver(engine, 3).Run(Plans(3), (_, _) => throw new InvalidDataException(), default));
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void Turns_and_tools_are_timed_by_the_given_clock()
    {
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 1 ? Inc : Answer));
        var turns = Run(engine, Plans(1))[0].Turns;
        Assert.All(turns, t => Assert.Equal((1.0, 1.0), (t.GenerationMilliseconds, t.ToolMilliseconds)));
    }

    [Fact]
    public void A_meter_is_told_what_the_engine_took_and_what_was_the_drivers_own()
    {
        var time = new HandMovedTime();
        using var engine = new ScriptedEngine(r => Say(Turn(r) < 2 ? Inc : Answer)) { OnAdvance = _ => time.Move(10) };
        var reads = 0;
        var meter = new DriverMeter(() => TimeSpan.FromMilliseconds(100 + (7 * reads++))); // read as driving begins and ends
        var options = new DriverOptions(1, 2, TimeSpan.FromSeconds(1)) { Meter = meter };
        var plans = Plans(2, _ => new HookedEnvironment(new ToyEnvironment())
        {
            OnStep = (_, _) =>
            {
                time.Move(1);
                return null;
            },
        });
        new EpisodeDriver(engine, Template, Context, options, time).Run(plans, (_, _) => { }, default);
        // Two episodes one after the other, each of three turns.
        Assert.Equal((66, 60, 0, 6), (meter.Total.TotalMilliseconds, meter.Engine.TotalMilliseconds, meter.Waiting.TotalMilliseconds, meter.Own.TotalMilliseconds));
        Assert.Equal(7, meter.Processor.TotalMilliseconds);
    }

    [Fact]
    public void No_plans_are_no_work()
    {
        using var engine = new ScriptedEngine(_ => Say(Inc));
        Assert.Empty(Run(engine, []));
        Assert.Equal(0, engine.Steps);
    }

    internal static IReadOnlyList<EpisodePlan> Plans(int count, Func<int, IEnvironment>? create = null) => [.. Enumerable.Range(0, count).Select(i =>
        new EpisodePlan(new EpisodeKey("test", 0, 0, i), () => create?.Invoke(i) ?? new ToyEnvironment(), RandomStream.Root(5, "episodes").Derive(i), new Sampling(0.5 + i)))];

    /// <summary>Calls, wrong calls and summaries by the request's own random stream: what a real engine's sampling depends on.</summary>
    internal static Reply ByStream(GenerationRequest request)
    {
        if (request.MaxNewTokens == Context.MaxSummaryTokens) return Say($"<summary>{request.Stream.BitsAt(0) % 100}</summary>");
        var draw = request.Stream.DoubleAt(0);
        return Say(Turn(request) > 20 || draw < 0.02 ? Answer : draw < 0.2 ? "hm" : Inc, 1 + (int)(request.Stream.BitsAt(1) % 4));
    }

    internal static void AssertSame(IReadOnlyList<Episode> expected, IReadOnlyList<Episode> actual)
    {
        Assert.Equal(expected.Select(e => (e.Key, e.Outcome, e.Rounds)), actual.Select(e => (e.Key, e.Outcome, e.Rounds)));
        Assert.Equal(expected.SelectMany(e => e.Segments).Select(s => s.Ids), actual.SelectMany(e => e.Segments).Select(s => s.Ids));
        Assert.Equal(expected.SelectMany(e => e.Segments).Select(s => s.Loss), actual.SelectMany(e => e.Segments).Select(s => s.Loss));
    }

    internal static ContextOptions Restoring { get; } = Context with { WorkingContext = 200, Strategy = ContextStrategyKind.OracleSummary, DiscardCrossingTurn = CrossingTurn.Restore };

    /// <summary>Surely not done when it is first looked at: it goes on only on a thread that is given up afterwards.</summary>
    internal static Task Waiting()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.QueueUserWorkItem(_ =>
        {
            for (var i = 0; i < 20; i++) Thread.Sleep(0);
            begun.SetResult();
        });
        return begun.Task;
    }

    internal static int Turn(GenerationRequest request)
    {
        var stream = RandomStream.Root(5, "episodes").Derive((long)(request.Sampling.Temperature - 0.5)); // the plan's number
        return Enumerable.Range(0, 100).First(t => stream.Derive(t) == request.Stream);
    }

    internal static Reply Say(string text, int delay = 1) => new(Template.RenderTurn(text), Delay: delay);

    private static EpisodeDriver Driver(IGenerationEngine engine, int concurrency) =>
        new(engine, Template, Context, new DriverOptions(concurrency, 2, TimeSpan.FromSeconds(1)), new FakeTime());

    internal static Episode[] Run(IGenerationEngine engine, IReadOnlyList<EpisodePlan> plans, ContextOptions? context = null, TimeProvider? time = null)
    {
        var episodes = new Episode[plans.Count];
        new EpisodeDriver(engine, Template, context ?? Context, new DriverOptions(4, 2, TimeSpan.FromSeconds(1)), time ?? new FakeTime()).Run(plans, (i, e) => episodes[i] = e, default);
        return episodes;
    }
}
