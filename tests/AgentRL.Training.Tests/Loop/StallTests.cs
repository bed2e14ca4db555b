using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Rollouts;
using AgentRL.Tools;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>A run that stands still says what it waits for, and has an end.</summary>
public sealed class StallTests : IDisposable
{
    private readonly TinyRun tiny = new();
    private readonly MovedTime time = new();
    private readonly ListeningReporter listener = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Nothing_is_said_as_long_as_something_happens()
    {
        var rollouts = new RolloutWatch();
        using var watch = new StallWatch(new WatchdogOptions { WarnAfterSeconds = 10 }, time, listener, rollouts);
        for (var i = 0; i < 20; i++)
        {
            watch.Enter($"step {i}", waits: true);
            time.Move(6);
            watch.Look();
            watch.Look();
        }
        Assert.Empty(listener.Messages);
    }

    [Fact]
    public void A_stage_that_stands_still_is_named_again_and_again_and_stopped_where_it_only_waits()
    {
        using var watch = new StallWatch(new WatchdogOptions { WarnAfterSeconds = 60, StopAfterSeconds = 300 }, time, listener, new RolloutWatch());
        watch.Enter("step 3: updating weights", waits: false);
        Look(10);
        Assert.Equal(10, listener.Messages.Count);
        Assert.Equal("Nothing has happened for 1:00: step 3: updating weights", listener.Messages[0]);
        Assert.Equal("Nothing has happened for 10:00: step 3: updating weights", listener.Messages[^1]);
        Assert.Null(watch.Verdict);
        listener.Messages.Clear();
        watch.Enter("step 4: collecting episodes", waits: true);
        Look(4);
        Assert.False(watch.Token.IsCancellationRequested);
        Look(1);
        Assert.StartsWith("Nothing has happened for 5:00, and the run is stopped: step 4: collecting episodes; see watchdog.stop_after_seconds", watch.Verdict, StringComparison.Ordinal);
        Assert.True(watch.Token.WaitHandle.WaitOne(TimeSpan.FromMinutes(1))); // it is cancelled on another thread
    }

    [Fact]
    public void A_run_whose_tool_never_answers_names_the_episode_and_the_tool_and_ends_with_a_checkpoint()
    {
        var silent = new SilentDefinition(new LuckDefinition(), () =>
        {
            time.Move(50);
            time.Tick();
            lock (listener.Messages) return listener.Messages.Any(m => m.Contains("is stopped", StringComparison.Ordinal));
        });
        var catalog = new EnvironmentCatalog([silent]);
        var configuration = tiny.ConfigureLuck("training.steps=3", "checkpoint.every=1", "rollout.environment_timeout_seconds=10000", "watchdog.warn_after_seconds=100", "watchdog.stop_after_seconds=400");
        var folder = tiny.NewFolder();
        using (var training = TrainingRun.Create(configuration, folder, catalog, new SilencingReporter(listener, silent, 1), time))
        {
            var stalled = Assert.Throws<StalledException>(() => training.Execute(CancellationToken.None));
            Assert.Contains("step 2: collecting episodes", stalled.Message, StringComparison.Ordinal);
        }
        Assert.Contains(listener.Messages, m => m.StartsWith("Nothing has happened for 1:40: step 2: collecting episodes; ", StringComparison.Ordinal) && m.Contains("train/2/", StringComparison.Ordinal) && m.Contains("waits for the tool look", StringComparison.Ordinal));
        silent.IsSilent = false;
        TinyRun.Resume(configuration, RunDirectory.Open(folder));
        RunContent.AssertEqual(tiny.Finish(configuration), RunDirectory.Open(folder));
    }

    private void Look(int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            time.Move(60);
            time.Tick();
        }
    }

    /// <summary>A clock that is moved by hand, and timers that go off when told.</summary>
    private sealed class MovedTime : TimeProvider
    {
        private readonly List<Action> timers = [];
        private long now;

        public override long TimestampFrequency => 1;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

        public override long GetTimestamp() => Interlocked.Read(ref now);

        public void Move(int seconds) => Interlocked.Add(ref now, seconds);

        public void Tick()
        {
            Action[] due;
            lock (timers) due = [.. timers];
            foreach (var timer in due) timer();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Action act = () => callback(state);
            if (period != Timeout.InfiniteTimeSpan)
            {
                lock (timers) timers.Add(act);
            }
            return new Timer(this, act);
        }

        private sealed class Timer(MovedTime time, Action act) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                lock (time.timers) time.timers.Remove(act);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }

    /// <summary>Falls silent after a step of reinforcement learning.</summary>
    private sealed class SilencingReporter(ListeningReporter inner, SilentDefinition definition, int after) : Reporting.IRunReporter
    {
        private string stage = "";

        public void Stage(string name, int totalSteps, int firstStep = 0) => stage = name;

        public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights) => definition.IsSilent |= stage == "reinforcement learning" && step == after;

        public void Message(string text) => inner.Message(text);

        public void Summary(Reporting.RunSummary summary)
        {
        }
    }

    /// <summary>Tools that never answer, once told to be silent.</summary>
    private sealed class SilentDefinition(IEnvironmentDefinition inner, Func<bool> wait) : IEnvironmentDefinition
    {
        public bool IsSilent { get; set; }

        public string Name => inner.Name;

        public string Description => inner.Description;

        public IReadOnlyList<EnvironmentSetting> Settings => inner.Settings;

        public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings) => inner.Draw(split, index, rendering, settings);

        public IEnvironment Create(JsonObject parameters) => new Silent(this, inner.Create(parameters));

        private sealed class Silent(SilentDefinition definition, IEnvironment inner) : IEnvironment
        {
            public string TaskId => inner.TaskId;

            public string SystemText => inner.SystemText;

            public string TaskText => inner.TaskText;

            public IReadOnlyList<EnvironmentTool> Tools => inner.Tools;

            public EnvironmentResult Result => inner.Result;

            public bool CanRestore => inner.CanRestore;

            public string OracleState => inner.OracleState;

            public object Snapshot() => inner.Snapshot();

            public void Restore(object snapshot) => inner.Restore(snapshot);

            public IReferenceSolver CreateSolver() => inner.CreateSolver();

            public async ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken)
            {
                if (definition.IsSilent)
                {
                    definition.Wait();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                }
                return await inner.StepAsync(call, cancellationToken);
            }
        }

        private int waits;

        /// <summary>From the first silent tool on the clock moves, until the watchdog has had enough.</summary>
        private void Wait()
        {
            if (Interlocked.Exchange(ref waits, 1) == 1) return;
            _ = Task.Run(() =>
            {
                while (!wait()) Thread.Sleep(20);
            });
        }
    }
}
