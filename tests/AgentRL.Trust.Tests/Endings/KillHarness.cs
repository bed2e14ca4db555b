using AgentRL.Fakes;
using AgentRL.Randomness;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>Real processes of the command line, killed and resumed, held against one that was left alone.</summary>
internal sealed class KillHarness : IDisposable
{
    /// <summary>Moments with names, and which times of them.</summary>
    public static readonly IReadOnlyList<(string Moment, int Time)> Named =
    [
        ("warm start: step", 1), ("warm start: step", 9), ("evaluation: episode", 1), ("evaluation: episode", 3), ("evaluation: episode", 7), ("archive: before a frame", 1), ("archive: before a frame", 2),
        (KilledProcess.TornFrame, 1), (KilledProcess.TornFrame, 3), ("archive: behind a frame", 1), ("archive: behind a frame", 2), ("metrics: before a line", 1), ("metrics: before a line", 16), ("metrics: behind a line", 14),
        ("between archive and checkpoint", 1), ("between archive and checkpoint", 2), ("between archive and checkpoint", 4), ("checkpoint: begun", 1), ("checkpoint: begun", 3), ("checkpoint: weights written", 1),
        ("checkpoint: weights written", 2), ("checkpoint: optimizer written", 2), ("checkpoint: before it counts", 1), ("checkpoint: before it counts", 3), ("checkpoint: counts", 1), ("checkpoint: counts", 2),
    ];

    /// <summary>Everything that a run can do, over in a second or two.</summary>
    private static readonly string Yaml = TinyRun.Luck
        .Replace("steps: 1,", "steps: 4,", StringComparison.Ordinal).Replace("learning_rate: 0.001", "learning_rate: 0.01", StringComparison.Ordinal).Replace("evaluation: {every: 0", "evaluation: {every: 2", StringComparison.Ordinal)
        .Replace("checkpoint: {every: 0}", "checkpoint: {every: 1, keep: 2}\nalgorithm: {kl_coef: 0.1, updates_per_step: 2}", StringComparison.Ordinal).Replace("warm_start: {steps: 40", "warm_start: {steps: 12", StringComparison.Ordinal);

    private readonly TemporaryFolder folder = new();
    private readonly string config;
    private RunDirectory? reference;
    private int runs;

    public KillHarness() => config = folder.Write("killed.yaml", Yaml);

    /// <summary>What the run that is left alone takes, from its first words on.</summary>
    public TimeSpan Whole { get; private set; }

    /// <summary>The run that is left alone.</summary>
    public async Task PrepareAsync()
    {
        var run = NewRun();
        var ended = await Sitting.RunAsync(config, run);
        Assert.True(ended.Code == 0, ended.Output);
        (reference, Whole) = (RunDirectory.Open(run), ended.Elapsed);
    }

    /// <summary>Kills a run at a moment by the clock, perhaps again when it goes on, and compares.</summary>
    /// <returns>Kills that came before the end; 0 where the run was faster.</returns>
    public async Task<int> KillAtRandomAsync(RandomStream stream)
    {
        var run = NewRun();
        var kills = 0;
        for (var n = 0; ; n++)
        {
            // The second kill comes in one case of three, the third in one of nine.
            var again = n == 0 || stream.DoubleAt((2 * n) + 1) < 1.0 / 3;
            var ended = await Sitting.RunAsync(config, run, killAfter: again ? Whole * stream.DoubleAt(2 * n) : null);
            if (ended.WasKilled)
            {
                kills++;
                continue;
            }
            Assert.True(ended.Code == 0, ended.Output);
            if (n == 0) Whole = ended.Elapsed; // it was faster than the delay: the machine has less to do now
            break;
        }
        Compare(run);
        return kills;
    }

    /// <summary>Lets a run end at a named moment, and compares what it comes to when it goes on.</summary>
    /// <param name="how"><c>kill</c>, <c>disk</c> or <c>memory</c>.</param>
    /// <param name="moment">Which moment.</param>
    /// <param name="time">Which time that it comes.</param>
    public async Task EndAtAsync(string how, string moment, int time)
    {
        var run = NewRun();
        var first = await Sitting.RunAsync(config, run, $"{how}|{moment}|{time}");
        Assert.True(first.Code == (how == "kill" ? 137 : 1), $"{moment}: the run was to end there, and ended with {first.Code}:\n{first.Output}");
        await GoOnAsync(run);
    }

    /// <summary>A run under a limit that it may break; lifted when it goes on.</summary>
    /// <returns>Whether it broke.</returns>
    public async Task<bool> UnderAsync((string Name, string Value) variable)
    {
        var run = NewRun();
        var first = await Sitting.RunAsync(config, run, variables: variable);
        await GoOnAsync(run);
        return first.Code != 0;
    }

    /// <summary>A run on a disk that is full after so many KiB; a larger one when it goes on. Needs the right to mount.</summary>
    /// <returns>Whether it filled up; null where nothing may be mounted.</returns>
    public async Task<bool?> OnDiskOfAsync(int kibibytes)
    {
        var disk = NewRun();
        Directory.CreateDirectory(disk);
        if (Tool("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", disk) != 0) return null;
        try
        {
            var run = Path.Combine(disk, "run");
            var first = await Sitting.RunAsync(config, run);
            Assert.Equal(0, Tool("mount", "-o", "remount,size=64m", disk));
            await GoOnAsync(run);
            return first.Code != 0;
        }
        finally
        {
            Tool("umount", disk);
        }
    }

    public void Dispose() => folder.Dispose();

    private async Task GoOnAsync(string run)
    {
        var ended = await Sitting.RunAsync(config, run);
        Assert.True(ended.Code == 0, ended.Output);
        Compare(run);
    }

    private void Compare(string run)
    {
        RunContent.AssertEqual(reference!, RunDirectory.Open(run));
        Directory.Delete(run, recursive: true);
    }

    private string NewRun() => Path.Combine(folder.Path, $"run-{++runs}");

    private static int Tool(string name, params string[] arguments)
    {
        using var tool = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
        tool.StandardError.ReadToEnd();
        tool.WaitForExit();
        return tool.ExitCode;
    }
}
