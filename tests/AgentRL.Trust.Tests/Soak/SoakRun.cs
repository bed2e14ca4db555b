using System.Diagnostics;
using AgentRL.Archive;
using AgentRL.Environments;
using AgentRL.Fakes;
using AgentRL.Metrics;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Tests.Support;
using TorchSharp;

namespace AgentRL.Trust.Tests.Soak;

/// <summary>A run of a tiny policy in which one call in a hundred goes wrong: of the environment's creation, of its tools, of the engine.</summary>
internal static class SoakRun
{
    private const int TasksPerStep = 2, GroupSize = 2;
    private const double Rate = 0.01;

    /// <summary>Runs so many steps.</summary>
    /// <param name="steps">Training steps.</param>
    /// <param name="every">Steps between two looks at what the process holds.</param>
    /// <param name="told">Hears of each look; null for nobody.</param>
    public static SoakResult Run(int steps, int every, Action<SoakLook>? told = null)
    {
        using var folder = new TemporaryFolder();
        var (faults, time) = (new Faults(5, Rate), new SoakTime());
        var catalog = new EnvironmentCatalog([new FlakyDefinition(new LuckDefinition(), faults, time)]);
        var configuration = ConfigurationLoader.Load(
            folder.Write("soak.yaml", TinyRun.Luck),
            [
                $"training.steps={steps}", $"training.tasks_per_step={TasksPerStep}", $"training.group_size={GroupSize}", "training.learning_rate=0.0001", "checkpoint.every=50", "evaluation.every=50",
                "evaluation.episodes=2", "evaluation.final_episodes=2", "algorithm.kl_coef=0.01", "watchdog.warn_after_seconds=0", "watchdog.stop_after_seconds=0",
            ],
            catalog);
        var run = Path.Combine(folder.Path, "run");
        var reporter = new SoakReporter(faults, every, told);
        var clock = Stopwatch.StartNew();
        using (var training = TrainingRun.Create(configuration, run, catalog, reporter, time, engine => new FlakyEngine(engine, faults))) training.Execute(CancellationToken.None);
        var (episodes, training_, failures) = (0, 0, new FailureCounts());
        foreach (var episode in new ArchiveReader(Path.Combine(run, "archive")).Read().Select(e => e.Episode))
        {
            episodes++;
            if (episode.Key.Phase == "train") training_++;
            failures += FailureCounts.Of([episode]);
        }
        return new SoakResult(steps, Math.Round(clock.Elapsed.TotalSeconds), episodes, training_, steps * TasksPerStep * GroupSize, failures, faults.Calls, faults.Counts.ToDictionary(f => $"{f.Key}", f => f.Value), faults.Fatal, reporter.Looks);
    }

    /// <summary>Arms the faults when training begins, and looks at the process now and then.</summary>
    private sealed class SoakReporter(Faults faults, int every, Action<SoakLook>? told) : IRunReporter
    {
        private string stage = "";

        public List<SoakLook> Looks { get; } = [];

        public void Stage(string name, int totalSteps, int firstStep = 0)
        {
            stage = name;
            faults.Armed |= name == "reinforcement learning";
        }

        public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights)
        {
            if (stage != "reinforcement learning" || (step != 100 && step % every != 0)) return;
            Looks.Add(SoakLook.Now(step));
            told?.Invoke(Looks[^1]);
        }

        public void Message(string text)
        {
        }

        public void Summary(RunSummary summary)
        {
        }
    }
}

/// <summary>What the process holds after a step, garbage collected.</summary>
/// <param name="Step">The step.</param>
/// <param name="ResidentMib">Resident memory.</param>
/// <param name="HeapMib">Of it, managed objects.</param>
/// <param name="Handles">Open files and the like.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Tensors">Tensors alive.</param>
internal sealed record SoakLook(int Step, double ResidentMib, double HeapMib, int Handles, int Threads, long Tensors)
{
    private const double Mebibyte = 1 << 20;

    public static SoakLook Now(int step)
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        using var process = Process.GetCurrentProcess();
        var handles = Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
        return new SoakLook(step, Math.Round(process.WorkingSet64 / Mebibyte, 1), Math.Round(GC.GetTotalMemory(false) / Mebibyte, 2), handles, process.Threads.Count, torch.Tensor.TotalCount);
    }
}

/// <summary>What a soak came to.</summary>
/// <param name="Steps">Training steps.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="ArchivedEpisodes">Episodes in the archive.</param>
/// <param name="TrainingEpisodes">Of them, of training.</param>
/// <param name="WantedTrainingEpisodes">As many as there must be.</param>
/// <param name="Failures">Episodes that failed, and attempts begun again.</param>
/// <param name="Calls">Calls that could have gone wrong.</param>
/// <param name="Injected">Those that did, by kind.</param>
/// <param name="Fatal">Of them, those that an attempt does not survive: each is a retry or a failed episode.</param>
/// <param name="Looks">What the process held.</param>
internal sealed record SoakResult(
    int Steps, double Seconds, int ArchivedEpisodes, int TrainingEpisodes, int WantedTrainingEpisodes, FailureCounts Failures, long Calls, Dictionary<string, long> Injected, long Fatal, IReadOnlyList<SoakLook> Looks)
{
    /// <summary>Resident memory at the end, relative to that after 100 steps, less 1.</summary>
    public double Growth => (Looks[^1].ResidentMib / Looks.First(l => l.Step >= 100).ResidentMib) - 1;

    /// <summary>Whether every fault that was injected is a retry or a failed episode, and no episode is missing.</summary>
    public bool IsAccountedFor => TrainingEpisodes == WantedTrainingEpisodes && Fatal == Failures.Retries + Failures.Total;
}
