using System.Runtime.CompilerServices;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using static AgentRL.Tests.Rollouts.EpisodeDriverTests;

namespace AgentRL.Tests.Rollouts;

/// <summary>An environment that others wrote costs its own episode only, whatever it does; and what it says is made harmless.</summary>
public class HostileEnvironmentTests
{
    private const int Hostile = 1;

    private static readonly ToyTemplate Template = new();

    public static TheoryData<string> Lies =>
    [
        "no observation", "no text", "no status", "a reward that is no number", "a reward of 7", "a reward below 0", "a reward part that is no number", "no result", "no reward parts", "no task id",
        "a megabyte of task id", "no system text", "no task text", "megabytes of task text", "no tools", "a tool twice", "too many tools to hold", "no snapshot", "no oracle line", "memory that there is not",
    ];

    [Theory]
    [MemberData(nameof(Lies))]
    public void An_environment_that_lies_loses_its_own_episode_and_harms_no_other(string lie)
    {
        var episodes = Run(i => i == Hostile ? Lying(lie) : new ToyEnvironment());
        AssertLost(episodes, Outcome.EnvironmentFailed);
        Assert.NotEmpty(episodes[Hostile].Failure!);
    }

    public static TheoryData<string, Outcome> Hangs => new()
    {
        { "creation", Outcome.EnvironmentTimedOut }, { "task id", Outcome.EnvironmentTimedOut }, { "tools", Outcome.EnvironmentTimedOut }, { "step", Outcome.ToolTimedOut },
        { "result", Outcome.EnvironmentTimedOut }, { "snapshot", Outcome.ToolTimedOut }, { "oracle", Outcome.EnvironmentTimedOut }, { "restore", Outcome.EnvironmentTimedOut },
    };

    [Theory]
    [MemberData(nameof(Hangs))]
    public void An_environment_that_never_comes_back_loses_its_own_episode_and_the_others_go_on(string place, Outcome outcome)
    {
        using var hang = new Hang();
        var episodes = Run(i => i == Hostile ? Hanging(place, hang) : new ToyEnvironment(), hang.Time, () => hang.Happened());
        AssertLost(episodes, outcome);
        Assert.Contains("did not answer within 1 s", episodes[Hostile].Failure, StringComparison.Ordinal);
        if (place == "step") Assert.Contains("the tool inc", episodes[Hostile].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void An_environment_that_hangs_once_is_begun_again_with_the_same_seed()
    {
        using var hang = new Hang();
        var attempts = 0;
        var episodes = Run(i => i == Hostile && attempts++ == 0 ? Hanging("step", hang) : new ToyEnvironment(), hang.Time, () => hang.Happened());
        AssertSame(Sound(), episodes);
        Assert.Equal([0, 1, 0, 0], episodes.Select(e => e.Retries));
    }

    [Fact]
    public void A_run_that_is_cancelled_does_not_wait_for_an_environment_that_hangs()
    {
        using var hang = new Hang();
        using var cancel = new CancellationTokenSource();
        using var engine = new ScriptedEngine(ByStream) { ReleaseWhilePending = true };
        var plans = Plans(2, i => i == Hostile ? new HostileEnvironment
        {
            OnStep = _ =>
            {
                cancel.Cancel();
                hang.Wait();
                return null;
            },
        } : new ToyEnvironment());
        Assert.ThrowsAny<OperationCanceledException>(() => Driver(engine, hang.Time).Run(plans, (_, _) => hang.Happened(), cancel.Token));
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void A_tool_that_nobody_waits_for_any_more_is_told_so()
    {
        using var engine = new ScriptedEngine(ByStream);
        var told = new CountdownEvent(3); // as many attempts
        var plans = Plans(1, _ => new HookedEnvironment(new ToyEnvironment())
        {
            OnStep = (_, token) =>
            {
                token.Register(() => told.Signal());
                return new ValueTask(new TaskCompletionSource().Task);
            },
        });
        var episodes = new List<Episode>();
        Driver(engine, new FakeTime(timersFire: true)).Run(plans, (_, e) => episodes.Add(e), default);
        Assert.Equal(Outcome.ToolTimedOut, Assert.Single(episodes).Outcome);
        Assert.True(told.Wait(TimeSpan.FromMinutes(1))); // only a tool that is never told takes as long
    }

    [Theory]
    [InlineData("megabytes")]
    [InlineData("half pairs")]
    [InlineData("control characters")]
    public void Enormous_or_invalid_text_is_made_harmless_and_the_episode_goes_on(string kind)
    {
        var text = kind switch
        {
            "megabytes" => string.Concat(Enumerable.Repeat("lorem ipsum ", 400_000)),
            "half pairs" => "a\ud800b\udc00\udc00c\ud800",
            _ => "a\0b\u001b[2J\u0007\u202e\r\n<|im_end|>",
        };
        var episodes = Run(i => i == Hostile ? new HostileEnvironment { OnStep = o => o with { Text = text }, OnOracle = () => text } : new ToyEnvironment());
        var hostile = episodes[Hostile];
        Assert.False(hostile.Outcome.IsFailure());
        Assert.All(hostile.Turns, t => Assert.True(t.Observation is null || t.Observation.Length <= EnvironmentBorder.MaximumCharacters));
        Assert.All(hostile.Turns.Where(t => t.Observation is not null), t => Assert.True(t.Observation!.EnumerateRunes().Sum(r => r.Utf16SequenceLength) == t.Observation.Length && IsWellFormed(t.Observation)));
        AssertSame(Without(Sound()), Without(episodes));
    }

    [Fact]
    public void What_ends_an_episode_with_megabytes_is_cut_too()
    {
        var over = new EnvironmentResult(true, 1, true, new Dictionary<string, double>());
        var episodes = Run(i => i == Hostile ? new HostileEnvironment { OnStep = o => o with { Text = new string('x', 5_000_000) }, OnResult = () => over } : new ToyEnvironment());
        Assert.Equal((Outcome.Answered, EnvironmentBorder.MaximumCharacters), (episodes[Hostile].Outcome, episodes[Hostile].Turns[^1].Observation!.Length));
    }

    [Fact]
    public void Memory_that_an_environment_holds_is_let_go_with_its_episode()
    {
        var held = new List<WeakReference>();
        Episodes(held);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(4, held.Count);
        Assert.All(held, h => Assert.False(h.IsAlive));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Episodes(List<WeakReference> held)
        {
            Run(_ =>
            {
                var leak = new byte[1 << 20];
                var environment = new HostileEnvironment
                {
                    OnStep = o =>
                    {
                        leak[0]++;
                        return o;
                    },
                };
                lock (held) held.Add(new WeakReference(environment));
                return environment;
            });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_environment_that_can_be_disposed_of_is_when_its_episode_ends_and_may_fail_at_that(bool fails)
    {
        var disposed = new CountdownEvent(4);
        var episodes = Run(_ => new Disposable(disposed, fails));
        AssertSame(Sound(), episodes);
        Assert.True(disposed.Wait(TimeSpan.FromMinutes(1))); // only one that is never disposed of takes as long
    }

    private static bool IsWellFormed(string text) => text.EnumerateRunes().All(r => r != System.Text.Rune.ReplacementChar) || text.Contains('\uFFFD', StringComparison.Ordinal);

    private static void AssertLost(IReadOnlyList<Episode> episodes, Outcome outcome)
    {
        Assert.Equal(outcome, episodes[Hostile].Outcome);
        AssertSame(Without(Sound()), Without(episodes));
    }

    private static Episode[] Without(IReadOnlyList<Episode> episodes) => [.. episodes.Where((_, i) => i != Hostile)];

    private static Episode[] Sound() => Run(_ => new ToyEnvironment());

    private static Episode[] Run(Func<int, IEnvironment> create, TimeProvider? time = null, Action? happened = null)
    {
        using var engine = new ScriptedEngine(ByStream);
        var episodes = new Episode[4];
        Driver(engine, time ?? new FakeTime()).Run(
            Plans(4, i =>
            {
                happened?.Invoke();
                return create(i);
            }),
            (i, e) =>
            {
                episodes[i] = e;
                happened?.Invoke();
            },
            default);
        Assert.Empty(engine.Open);
        return episodes;
    }

    private static EpisodeDriver Driver(IGenerationEngine engine, TimeProvider time) => new(engine, Template, Restoring, new DriverOptions(4, 2, TimeSpan.FromSeconds(1)), time);

    private static HostileEnvironment Lying(string lie)
    {
        EnvironmentResult Over(double reward, params (string, double)[] parts) => new(true, reward, false, parts.ToDictionary(p => p.Item1, p => p.Item2));
        return lie switch
        {
            "no observation" => new() { OnStep = _ => null },
            "no text" => new() { OnStep = _ => new Observation(null!) },
            "no status" => new() { OnStep = o => o with { Status = (CallStatus)200 } },
            "a reward that is no number" => new() { OnResult = () => Over(double.NaN) },
            "a reward of 7" => new() { OnResult = () => Over(7) },
            "a reward below 0" => new() { OnResult = () => Over(-0.5) },
            "a reward part that is no number" => new() { OnResult = () => Over(0, ("speed", double.PositiveInfinity)) },
            "no result" => new() { OnResult = () => null },
            "no reward parts" => new() { OnResult = () => new EnvironmentResult(true, 1, true, null!) },
            "no task id" => new() { OnTaskId = () => null },
            "a megabyte of task id" => new() { OnTaskId = () => new string('x', 1 << 20) },
            "no system text" => new() { OnSystemText = () => null },
            "no task text" => new() { OnTaskText = () => null },
            "megabytes of task text" => new() { OnTaskText = () => new string('x', 5_000_000) },
            "no tools" => new() { OnTools = () => null },
            "a tool twice" => new() { OnTools = () => [.. new ToyEnvironment().Tools, .. new ToyEnvironment().Tools] },
            "too many tools to hold" => new() { OnTools = () => new Endless() },
            "no snapshot" => new() { OnSnapshot = () => null },
            "no oracle line" => new() { OnOracle = () => null },
            "memory that there is not" => new() { OnStep = _ => throw new OutOfMemoryException() },
            _ => throw new ArgumentException(lie),
        };
    }

    private static HostileEnvironment Hanging(string place, Hang hang)
    {
        if (place == "creation") hang.Wait();
        return place switch
        {
            "task id" => new() { OnTaskId = Never },
            "tools" => new() { OnTools = () => [new(Never()!, "", [], false, _ => new Observation(""))] },
            "step" => new() { OnStep = _ => new Observation(Never()!) },
            "result" => new() { OnResult = () => new EnvironmentResult(Never() is null, 0, false, new Dictionary<string, double>()) },
            "snapshot" => new() { OnSnapshot = Never },
            "oracle" => new() { OnOracle = Never },
            "restore" => new() { OnRestore = hang.Wait },
            _ => throw new ArgumentException(place),
        };

        string? Never()
        {
            hang.Wait();
            return null;
        }
    }

    /// <summary>
    /// A call that does not come back before the test is over. While it lasts the clock ticks, and no longer: no other call can be taken for one that hangs.
    /// </summary>
    private sealed class Hang : IDisposable
    {
        private readonly ManualResetEventSlim over = new();
        private int happened;

        public TickingTime Time { get; } = new();

        /// <summary>Somebody goes on.</summary>
        public void Happened() => Interlocked.Increment(ref happened);

        public void Wait()
        {
            var before = Volatile.Read(ref happened);
            while (!over.IsSet && Volatile.Read(ref happened) == before)
            {
                Time.Tick();
                Thread.Sleep(1);
            }
            over.Wait();
        }

        public void Dispose() => over.Set();
    }

    private sealed class Disposable(CountdownEvent disposed, bool fails) : HostileEnvironment, IDisposable
    {
        public void Dispose()
        {
            disposed.Signal();
            if (fails) throw new InvalidOperationException("cannot be disposed of");
        }
    }

    /// <summary>A list that claims more than it has.</summary>
    private sealed class Endless : IReadOnlyList<EnvironmentTool>
    {
        public int Count => int.MaxValue;

        public EnvironmentTool this[int index] => throw new InvalidOperationException();

        public IEnumerator<EnvironmentTool> GetEnumerator() => throw new OutOfMemoryException("no room for that many");

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
