using AgentRL.Archive.Durability;
using AgentRL.Fakes;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>
/// A run is watched at every change that it makes to its folder. What it would leave if its process died there, or the power was lost, goes on to the same
/// weights, archive and metrics, bit for bit.
/// </summary>
public sealed class EveryMomentTests : IClassFixture<EveryMomentTests.WatchedRun>
{
    private const int Quick = 8; // every eighth; the slow test takes all

    private readonly WatchedRun watched;

    public EveryMomentTests(WatchedRun watched) => this.watched = watched;

    [Fact]
    public void A_run_that_ended_at_any_of_some_moments_goes_on_as_if_nothing_had_happened() => GoOnFrom(watched.Left.Where((_, i) => i % Quick == 0));

    [Fact]
    [Trait("Category", "Slow")]
    public void A_run_that_ended_at_any_moment_goes_on_as_if_nothing_had_happened() => GoOnFrom(watched.Left);

    [Fact]
    public void The_moments_are_those_that_matter()
    {
        string[] expected =
        [
            "run.json moved", "config.yaml moved", "warm start: step", "metrics: before a line", "archive: before a frame", "archive: behind a frame", "between archive and checkpoint", "checkpoint: begun",
            "checkpoint: weights written", "checkpoint: optimizer written", "checkpoint: before it counts", "checkpoint: counts", "evaluation: episode", "summary.json moved",
        ];
        foreach (var name in expected) Assert.Contains(name, watched.Moments);
        // Most moments of a loss of power leave what another one left: what was synced last. That many differ where the watch sees anything at all.
        Assert.True(watched.Left.Count(l => l.IsPower) > 5 && watched.Left.Count(l => !l.IsPower) > 40, $"{watched.Left.Count(l => l.IsPower)} and {watched.Left.Count(l => !l.IsPower)} different states");
    }

    [Fact]
    public void A_checkpoint_that_counts_survives_a_loss_of_power()
    {
        Assert.Equal(7, watched.Checkpoints.Count); // five of the warm start, and after steps 4 and 5 of training
        Assert.All(watched.Checkpoints, c => Assert.Equal(c.Written, c.Safe));
    }

    private void GoOnFrom(IEnumerable<Left> all)
    {
        foreach (var left in all)
        {
            var run = watched.Tiny.NewFolder();
            try
            {
                Copy(left.Folder, run);
                WatchedRun.GoOn(watched.Configuration, run);
                RunContent.AssertEqual(watched.Run, RunDirectory.Open(run));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{(left.IsPower ? "power lost" : "killed")} at moment {left.Moment}, {left.Name}: {e.Message}", e);
            }
            Directory.Delete(run, recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        if (!Directory.Exists(from)) return;
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var below in Directory.EnumerateDirectories(from)) Copy(below, Path.Combine(to, Path.GetFileName(below)));
    }

    /// <summary>What an end would leave.</summary>
    internal sealed record Left(string Folder, int Moment, string Name, bool IsPower);

    /// <summary>A run with everything in it, and what its ends would leave.</summary>
    public sealed class WatchedRun : IDisposable
    {
        private readonly TemporaryFolder ends = new();

        public WatchedRun()
        {
            Configuration = Tiny.ConfigureLuck(
                "training.steps=5", "evaluation.every=2", "checkpoint.every=4", "checkpoint.keep=2", "algorithm.kl_coef=0.1", "training.learning_rate=0.01", "warm_start.steps=20",
                "training.tasks_per_step=2", "evaluation.rounds=[2]", "evaluation.final_episodes=2");
            Run = Tiny.Finish(Configuration);
            var folder = Tiny.NewFolder();
            var seen = new HashSet<string>();
            DiskModel? model = null;
            Disk.Watch = model = new DiskModel(folder, Keep);
            try
            {
                using var training = TrainingRun.Create(Configuration, folder, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime());
                training.Execute(CancellationToken.None);
            }
            finally
            {
                Disk.Watch = null;
            }
            RunContent.AssertEqual(Run, RunDirectory.Open(folder));

            void Keep(string name)
            {
                Moments.Add(name);
                if (name == "checkpoint: counts")
                {
                    var kept = Path.Combine(ends.Path, $"{Moments.Count}-kept");
                    model!.CopySafeTo(kept);
                    Checkpoints.Add((Checkpoint.Newest(RunDirectory.Open(folder))!.Progress, Checkpoint.Newest(RunDirectory.Open(kept))?.Progress));
                }
                foreach (var isPower in new[] { false, true })
                {
                    var left = new Left(Path.Combine(ends.Path, $"{Moments.Count}-{isPower}"), Moments.Count, name, isPower);
                    if (isPower) model!.CopySafeTo(left.Folder);
                    else model!.CopyTo(left.Folder);
                    if (seen.Add(DiskModel.Fingerprint(left.Folder))) Left.Add(left);
                    else if (Directory.Exists(left.Folder)) Directory.Delete(left.Folder, recursive: true);
                }
            }
        }

        internal TinyRun Tiny { get; } = new();

        internal RunConfiguration Configuration { get; }

        internal RunDirectory Run { get; }

        internal List<string> Moments { get; } = [];

        internal List<Left> Left { get; } = [];

        /// <summary>At each checkpoint, the newest one, and the newest that a loss of power would leave.</summary>
        internal List<(RunProgress Written, RunProgress? Safe)> Checkpoints { get; } = [];

        /// <summary>Goes on with what is left; where that is nothing yet, begins.</summary>
        internal static void GoOn(RunConfiguration configuration, string folder)
        {
            using var training = File.Exists(Path.Combine(folder, "run.json"))
                ? TrainingRun.Resume(configuration, folder, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime())
                : TrainingRun.Create(configuration, folder, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime());
            training.Execute(CancellationToken.None);
        }

        public void Dispose()
        {
            Tiny.Dispose();
            ends.Dispose();
        }
    }
}
