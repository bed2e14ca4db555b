using AgentRL.Archive;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Replays;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Replays;

/// <summary>
/// Proves a run's archive: executes its episodes again, re-derives credit over whole groups, and recomputes log-probabilities where the policy that sampled is
/// still there. Reads the run and writes nothing.
/// </summary>
public sealed class RunReplay
{
    private const int Batch = 256;

    private readonly RunDirectory run;
    private readonly RunInputs inputs;
    private readonly RecordedSettings settings;
    private readonly EnvironmentCatalog catalog;

    private RunReplay(RunDirectory run, RunInputs inputs, RecordedSettings settings, EnvironmentCatalog catalog) =>
        (this.run, this.inputs, this.settings, this.catalog) = (run, inputs, settings, catalog);

    /// <summary>Opens a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="set">Settings that the run's <c>eval+set</c> episodes ran under; empty where they are not known.</param>
    /// <param name="catalog">Known environments.</param>
    /// <exception cref="BadInputException">There is no run in the folder, or it cannot be read.</exception>
    public static RunReplay Open(string folder, IReadOnlyList<string> set, EnvironmentCatalog catalog)
    {
        var run = RunDirectory.Open(folder);
        var inputs = Prepare([]);
        return new RunReplay(run, inputs, new RecordedSettings(inputs, set.Count == 0 ? null : Prepare(set)), catalog);

        RunInputs Prepare(IReadOnlyList<string> changes) => RunInputs.Prepare(ConfigurationLoader.LoadResolved(run.Configuration, changes, catalog), catalog, run.Tokenizer);
    }

    /// <summary>Replays.</summary>
    /// <param name="request">What.</param>
    /// <param name="reporter">Shows progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArchiveException">There is no archive.</exception>
    /// <exception cref="BadInputException">An episode that was asked for is not in the archive.</exception>
    public ReplayReport Run(ReplayRequest request, IRunReporter reporter, CancellationToken cancellationToken)
    {
        var reader = new ArchiveReader(run.Archive, skipDamage: true);
        var tally = new Tally(new GroupCredit(inputs.Configuration.Algorithm, inputs.Configuration.Training.GroupSize));
        var wanted = request.Episodes.ToHashSet();
        var groups = wanted.Where(IsTraining).Select(k => (k.Step, k.Group)).ToHashSet();
        reporter.Stage("replay", 0);
        foreach (var batch in reader.Read().Where(a => IsWanted(a.Episode.Key) || IsMate(a.Episode.Key)).Chunk(Batch))
        {
            var replayed = new ReplayedEpisode?[batch.Length];
            Parallel.For(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = request.Workers, CancellationToken = cancellationToken }, i =>
            {
                if (IsWanted(batch[i].Episode.Key)) replayed[i] = Replay(batch[i].Episode, cancellationToken);
            });
            for (var i = 0; i < batch.Length; i++) tally.Add(batch[i], replayed[i], IsWanted(batch[i].Episode.Key), IsTraining(batch[i].Episode.Key), inputs.Template);
            reporter.Step(tally.Episodes, [("diverged", tally.Divergences.Count)]);
        }
        if (wanted.FirstOrDefault(k => !tally.Seen.Contains(k)) is { } missing)
            throw new BadInputException($"the archive of {run.Root} holds no episode {missing}; `agentrl inspect` lists those that it holds");
        var logProbs = request.LogProbs ? LogProbs(request, tally, reporter, cancellationToken) : null;
        return tally.Report(logProbs, reader.Damage, reader.Tail);

        bool IsWanted(EpisodeKey key) => wanted.Count == 0 || wanted.Contains(key);
        bool IsMate(EpisodeKey key) => IsTraining(key) && groups.Contains((key.Step, key.Group));
    }

    private static bool IsTraining(EpisodeKey key) => key.Phase == "train";

    private ReplayedEpisode? Replay(Episode episode, CancellationToken cancellationToken)
    {
        if (settings.Of(episode.Key.Phase) is not { } phase || Tally.NeverBegan(episode)) return null;
        // Environments are synchronous or wait for others: either way this thread has nothing else to do.
        return EpisodeReplay.RunAsync(episode, () => catalog.Create(episode.TaskId), inputs.Template, phase.Context, cancellationToken).AsTask().GetAwaiter().GetResult();
    }

    private LogProbReport LogProbs(ReplayRequest request, Tally tally, IRunReporter reporter, CancellationToken cancellationToken)
    {
        var c = inputs.Configuration;
        var isExact = c.Rollout.Engine == EngineKind.Cpu || (c.Rollout.Engine == EngineKind.Auto && c.Model.Device == ModelDevice.Cpu);
        var replay = new LogProbReplay(inputs, settings, request.Tolerance ?? (isExact ? 0 : LogProbReplay.Rounding));
        var checkpoints = Checkpoint.All(run).GroupBy(c => c.Progress.PolicyVersion).ToDictionary(g => g.Key, g => g.Last());
        var present = tally.SampledBy.Where(v => checkpoints.ContainsKey(v.Key)).ToList();
        var missing = tally.SampledBy.Where(v => !checkpoints.ContainsKey(v.Key)).ToList();
        reporter.Stage("log-probabilities", present.Sum(v => v.Value.Count));
        var done = 0;
        foreach (var (version, numbers) in present)
        {
            var last = numbers.Max();
            var episodes = new ArchiveReader(run.Archive, skipDamage: true).Read().TakeWhile(a => a.Number <= last).Where(a => numbers.Contains(a.Number));
            replay.Run(checkpoints[version], episodes, () => reporter.Step(++done, []), cancellationToken);
        }
        foreach (var divergence in replay.Divergences) tally.Diverge(divergence);
        var left = missing.SelectMany(v => v.Value).Distinct().Count();
        return new LogProbReport(replay.Tokens, replay.Identical, replay.LargestDifference, replay.Roundings, present.Count, missing.Count, left);
    }
}

/// <summary>What is to be replayed.</summary>
/// <param name="Episodes">These episodes; empty for all.</param>
/// <param name="LogProbs">Whether log-probabilities are recomputed where the policy is still there.</param>
/// <param name="Tolerance">
/// Largest difference of a log-probability that passes; 0 asks for the same bits. Null is what the run's engine promises: the bits of the CPU engine, 1e-4 of the
/// tensor library's.
/// </param>
/// <param name="Workers">Threads.</param>
public sealed record ReplayRequest(IReadOnlyList<EpisodeKey> Episodes, bool LogProbs, double? Tolerance, int Workers);
