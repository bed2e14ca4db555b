using AgentRL.Archive;
using AgentRL.Archive.Durability;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Metrics;
using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;
using AgentRL.Training.WarmStarts;

namespace AgentRL.Training.Loop;

/// <summary>
/// The on-policy loop: warm start → (collect → credit → update → evaluate → checkpoint)* → final evaluation. SUPO (arXiv 2510.06727, section 3): the
/// gradient of an episode runs through the actions and summaries of all its segments, with one advantage for all of them.
/// </summary>
/// <remarks>
/// Left out of the paper's set-up: asynchronous rollouts (every episode is sampled by the newest policy). Everything is a function of configuration, seed and
/// step; a run that was interrupted goes on from its newest checkpoint as if nothing had happened.
/// </remarks>
public sealed class TrainingRun : IDisposable
{
    private static readonly string[] HighlightNames = ["success", "rounds", "entropy"];

    private readonly RunInputs inputs;
    private readonly RunConfiguration configuration;
    private readonly RunDirectory run;
    private readonly IRunReporter reporter;
    private readonly TimeProvider time;
    private readonly TransformerPolicy policy;
    private readonly RolloutWorkers workers;
    private readonly StepRunner steps;
    private readonly Evaluator evaluator;
    private readonly ArchiveWriter? archive;
    private readonly MetricsLog metrics;
    private readonly DemonstrationPool demonstrations;
    private readonly NonFiniteGuard guard;
    private readonly HealthMonitor health;
    private readonly string? optimizerState;
    private readonly IDisposable hold;
    private readonly StallWatch watch;
    private readonly double secondsBefore;
    private readonly long began;
    private RunProgress progress;
    private TimeSpan archiveWorked;
    private Learner? learner;
    private TransformerPolicy? reference;

    private TrainingRun(
        RunInputs inputs, RunDirectory run, TransformerPolicy policy, RolloutWorkers workers, IDisposable hold, RunProgress progress, string? optimizerState, IRunReporter reporter, TimeProvider time)
    {
        this.inputs = inputs;
        configuration = inputs.Configuration;
        this.run = run;
        this.policy = policy;
        this.progress = progress;
        this.optimizerState = optimizerState;
        this.reporter = new LockedReporter(reporter);
        this.time = time;
        began = time.GetTimestamp();
        this.hold = hold;
        secondsBefore = progress.Seconds;
        this.workers = workers;
        workers.PublishWeights(progress.PolicyVersion);
        evaluator = workers.Evaluator(inputs);
        demonstrations = new DemonstrationPool(inputs.DemonstrationTasks, inputs.Template, configuration.Context, configuration.WarmStart.Demonstrations, configuration.Rollout, configuration.Seed);
        guard = new NonFiniteGuard(run, policy, configuration.Training.StopAfterNonFinite, progress.NonFiniteInARow, reporter);
        health = new HealthMonitor(configuration.Algorithm, inputs.Tokenizer, reporter, progress.EntropyAtStart);
        metrics = new MetricsLog(run, progress.MetricsBytes, configuration.Logging.Tensorboard, time);
        if (metrics.MissingBytes > 0) reporter.Message($"{run.Metrics} lacks {metrics.MissingBytes} bytes of what was written before the checkpoint: the figures of some steps are gone");
        try
        {
            if (configuration.Logging.Archive)
                archive = ArchiveWriter.Open(run.Archive, progress.ArchivePosition is { } p ? ArchivePosition.Parse(p) : ArchivePosition.Start);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
        watch = new StallWatch(configuration.Watchdog, time, this.reporter, workers.Watch);
        steps = new StepRunner(workers, inputs, archive, time, watch);
    }

    /// <summary>A new run. Nothing is written before the inputs have proved sound.</summary>
    /// <exception cref="BadInputException">The folder is taken, the budgets contradict the prompts, or a lasting memory's store cannot be opened.</exception>
    public static TrainingRun Create(RunConfiguration configuration, string folder, EnvironmentCatalog catalog, IRunReporter reporter, TimeProvider time) =>
        Create(configuration, folder, catalog, reporter, time, watch: null);

    /// <summary>The same, with something between the episodes and each engine.</summary>
    internal static TrainingRun Create(
        RunConfiguration configuration, string folder, EnvironmentCatalog catalog, IRunReporter reporter, TimeProvider time, Func<IGenerationEngine, IGenerationEngine>? watch)
    {
        var inputs = RunInputs.Prepare(configuration, catalog, tokenizerFolder: null);
        RunDirectory.ThrowIfTaken(folder);
        using var made = new Disposables();
        var policy = made.Add(PolicyFactory.Create(inputs));
        var workers = made.Add(new RolloutWorkers(policy, inputs, time, watch));
        var run = RunDirectory.Create(folder);
        var hold = made.Add(run.Hold());
        run.Keep(inputs);
        return made.HandOver(new TrainingRun(inputs, run, policy, workers, hold, new RunProgress(), null, reporter, time));
    }

    /// <summary>Goes on with a run from its newest checkpoint, or from its beginning where there is none yet.</summary>
    /// <remarks>
    /// Settings may differ from those it was begun with where they leave the past as it is (<see cref="ConfigurationChange"/>); the run keeps the new ones, and says so.
    /// </remarks>
    /// <exception cref="BadInputException">
    /// There is no run in the folder, it or its lasting memory cannot be read, another process is at work on either, or a setting would change what has been done.
    /// </exception>
    public static TrainingRun Resume(RunConfiguration configuration, string folder, EnvironmentCatalog catalog, IRunReporter reporter, TimeProvider time)
    {
        var run = RunDirectory.Open(folder);
        using var made = new Disposables();
        var hold = made.Add(run.Hold());
        var checkpoint = Checkpoint.Newest(run, reporter.Message, setAside: true);
        var changes = ChangesSince(run, configuration, catalog, checkpoint?.Progress.TrainingSteps ?? 0);
        // Without a checkpoint the run may have ended while these files were being written: they are made anew.
        var inputs = RunInputs.Prepare(configuration, catalog, checkpoint is null ? null : run.Tokenizer);
        var policy = made.Add(checkpoint is null ? PolicyFactory.Create(inputs) : PolicyFactory.Load(checkpoint.Policy, configuration.Model));
        var workers = made.Add(new RolloutWorkers(policy, inputs, time));
        foreach (var change in changes) reporter.Message($"going on with {change}");
        if (checkpoint is null) run.Keep(inputs);
        else if (changes.Count > 0) run.Keep(configuration);
        return made.HandOver(new TrainingRun(inputs, run, policy, workers, hold, checkpoint?.Progress ?? new RunProgress(), checkpoint?.Optimizer, reporter, time));
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>The result, also written to <c>summary.json</c>.</returns>
    /// <exception cref="OperationCanceledException">Interrupted; a checkpoint of the last whole step has been written.</exception>
    /// <exception cref="StalledException">It stood still for too long; such a checkpoint has been written too.</exception>
    /// <exception cref="NonFiniteException">Too many updates in a row were not finite.</exception>
    public RunResult Execute(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watch.Token);
        try
        {
            WarmStart(either.Token);
            MeasureWarmStart(either.Token);
            Reinforce(either.Token);
            return Conclude(either.Token);
        }
        catch (OperationCanceledException)
        {
            if (learner is not null) Save();
            if (watch.Verdict is { } verdict && !cancellationToken.IsCancellationRequested) throw new StalledException(verdict);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using (hold)
        using (archive) // says what could not be written, where nothing has said so yet
        using (metrics)
        using (policy)
        using (workers)
        using (reference)
        using (learner)
        using (watch)
        {
        }
    }

    private static IReadOnlyList<ConfigurationChange> ChangesSince(RunDirectory run, RunConfiguration configuration, EnvironmentCatalog catalog, int stepsDone)
    {
        if (!File.Exists(run.Configuration)) return []; // it ended before it began
        var changes = ConfigurationChange.Between(ConfigurationLoader.LoadResolved(run.Configuration, [], catalog), configuration, stepsDone);
        var refused = changes.Where(c => c.ChangesPast).ToList();
        return refused.Count == 0 ? changes : throw new BadInputException(
            $"{run.Root} was begun with other settings (see {run.Configuration}), and what it has done would be another with these:\n{string.Join('\n', refused.Select(c => $"  {c}"))}\ngo on with the same ones, or begin another run");
    }

    private void WarmStart(CancellationToken cancellationToken)
    {
        var options = configuration.WarmStart;
        if (progress.WarmStartSteps >= options.Steps) return;
        learner = Learner.ForWarmStart(policy, configuration, guard);
        if (optimizerState is not null) learner.Optimizer.Load(optimizerState);
        reporter.Stage("warm start", options.Steps, progress.WarmStartSteps);
        while (progress.WarmStartSteps < options.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = progress.WarmStartSteps;
            watch.Enter($"warm start, step {step + 1}", waits: false);
            guard.Begin($"warm-start-step-{step + 1}", progress.PolicyVersion);
            var shown = demonstrations.Demonstrate(step * options.EpisodesPerStep, options.EpisodesPerStep, options.Episodes, cancellationToken);
            var numbers = learner.Supervise(Sound(shown, step + 1));
            workers.PublishWeights(++step);
            var failures = FailureCounts.Of([.. shown.Where(e => e.Outcome != Outcome.Cancelled)]); // that one is a demonstrator who gave up
            progress = progress with { WarmStartSteps = step, PolicyVersion = step, NonFiniteInARow = guard.InARow, Failures = progress.Failures + failures };
            metrics.Write("warm_start", step, [.. numbers, .. failures.Metrics]);
            Disk.Reached("warm start: step");
            reporter.Step(step, [("loss", numbers[0].Value)]);
            if (IsDue(step, configuration.Checkpoint.Every)) Save();
        }
        Save();
        learner.Dispose();
        learner = null;
    }

    /// <summary>The demonstrations that could be played.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    private static IReadOnlyList<Episode> Sound(IReadOnlyList<Episode> shown, int step)
    {
        var sound = shown.Where(e => !DemonstrationAttempts.HasFailed(e)).ToList();
        return sound.Count > 0 ? sound : throw new BadInputException($"warm start, step {step}: none of the {shown.Count} demonstrations could be played; the first: {shown[0].Failure}");
    }

    private void MeasureWarmStart(CancellationToken cancellationToken)
    {
        if (progress.SuccessAfterWarmStart is not null) return;
        var greedy = Evaluate(TaskSplit.Eval, configuration.Context.MaxRounds, configuration.Evaluation.FinalEpisodes, null, "evaluation after the warm start", cancellationToken);
        var sampled = Record(workers.SampledEvaluator(inputs), TaskSplit.Eval, configuration.Context.MaxRounds, configuration.Evaluation.FinalEpisodes, null, null, cancellationToken);
        progress = progress with
        {
            SuccessAfterWarmStart = Known(greedy),
            SampledSuccessAfterWarmStart = Known(sampled),
            ContextAfterWarmStart = ContextFigures.Of(greedy.Episodes, configuration.Context),
        };
        reporter.Message($"success after the warm start: {ReportText.Share(greedy.Success.Value)} of {greedy.Success.Trials} unseen tasks, {ReportText.Share(sampled.Success.Value)} when sampled");

        static double Known(EvaluationPoint point) => point.Success.Trials == 0 ? 0 : point.Success.Value;
    }

    private void Reinforce(CancellationToken cancellationToken)
    {
        var options = configuration.Training;
        if (progress.TrainingSteps >= options.Steps) return;
        reference = FrozenReference();
        learner = Learner.ForReinforcement(policy, configuration, reference, guard);
        if (progress.TrainingSteps > 0) learner.Optimizer.Load(optimizerState ?? throw new BadInputException($"{run.Root}: the optimizer's state is missing"));
        reporter.Stage("reinforcement learning", options.Steps, progress.TrainingSteps);
        while (progress.TrainingSteps < options.Steps)
        {
            MeasureProgress(cancellationToken); // first: the run may go on from a checkpoint between a step and its evaluation
            TrainingStep(progress.TrainingSteps, cancellationToken);
            if (IsDue(progress.TrainingSteps, configuration.Checkpoint.Every)) Save();
        }
        Save();
        learner.Dispose();
        learner = null;
    }

    /// <summary>The evaluation that is due after the newest step; the one after the last step is the final evaluation.</summary>
    private void MeasureProgress(CancellationToken cancellationToken)
    {
        var done = progress.TrainingSteps;
        if (!IsDue(done, configuration.Evaluation.Every) || done <= progress.EvaluatedSteps) return;
        var point = Evaluate(TaskSplit.Eval, configuration.Context.MaxRounds, configuration.Evaluation.Episodes, null, null, cancellationToken);
        progress = progress with { EvaluatedSteps = done };
        reporter.Message($"step {done}: success {ReportText.Share(point.Success.Value)} of {point.Success.Trials} unseen tasks");
    }

    /// <summary>One step, and its figures.</summary>
    private void TrainingStep(int step, CancellationToken cancellationToken)
    {
        guard.Begin($"step-{step + 1}", progress.PolicyVersion);
        var done = steps.Run(learner!, step, progress.TasksDrawn, progress.PolicyVersion, cancellationToken);
        var found = health.Look(step + 1, done.Episodes);
        progress = progress with
        {
            TrainingSteps = step + 1,
            TasksDrawn = done.TasksDrawn,
            PolicyVersion = done.PolicyVersion,
            Failures = progress.Failures + FailureCounts.Of(done.Episodes),
            NonFiniteInARow = guard.InARow,
            EntropyAtStart = health.EntropyAtStart,
        };
        IReadOnlyList<Metric> all =
        [
            .. EpisodeMetrics.Of(done.Episodes, configuration.Context), new("zero_variance_groups", EpisodeMetrics.ZeroVarianceGroups(done.Episodes, configuration.Algorithm)),
            new("tasks_drawn", done.TasksDrawn), .. done.Learned, .. found, .. done.Seconds, .. ArchiveWork(), .. ProcessMetrics.Now(),
        ];
        if (IsDue(step + 1, configuration.Logging.MetricsEvery)) metrics.Write("train", step + 1, all);
        reporter.Step(step + 1, [.. HighlightNames.SelectMany(name => all.Where(m => m.Name == name)).Select(m => (m.Name, m.Value))]);
    }

    /// <summary>What the archive's thread worked since it was asked last, beside the step: where all processors are busy, the step pays for it.</summary>
    private IEnumerable<Metric> ArchiveWork()
    {
        if (archive is null) yield break;
        var worked = archive.Worked;
        yield return new Metric("seconds/archive_thread", (worked - archiveWorked).TotalSeconds);
        archiveWorked = worked;
    }

    private RunResult Conclude(CancellationToken cancellationToken)
    {
        Torch.Weights.PolicyFolder.Save(policy, run.Policy);
        inputs.Tokenizer.Save(run.Policy);
        Disk.SyncTree(run.Policy);
        var options = configuration.Evaluation;
        var points = Sweep.Points(options.Splits, options.Rounds, configuration.Context.MaxRounds, configuration.Context.Strategy, options.Contexts);
        reporter.Stage("final evaluation", points.Count, 0);
        var evaluated = new List<EvaluationPoint>();
        foreach (var point in points)
        {
            evaluated.Add(Evaluate(point.Split, point.Rounds, options.FinalEpisodes, point.Context, null, cancellationToken));
            reporter.Step(evaluated.Count, [("success", evaluated[^1].Success.Value)]);
        }
        archive?.Flush();
        var summary = RunResult.Of(configuration, progress, evaluated, Elapsed());
        AtomicFile.WriteAllText(run.Summary, summary.ToJson());
        return summary;
    }

    private EvaluationPoint Evaluate(TaskSplit split, int rounds, int episodes, Contexts.ContextStrategyKind? strategy, string? stage, CancellationToken cancellationToken)
    {
        if (stage is not null) reporter.Stage(stage, episodes, 0);
        return Record(evaluator, split, rounds, episodes, strategy, stage is null ? null : n => reporter.Step(n, []), cancellationToken);
    }

    private EvaluationPoint Record(Evaluator by, TaskSplit split, int rounds, int episodes, Contexts.ContextStrategyKind? strategy, Action<int>? finished, CancellationToken cancellationToken)
    {
        watch.Enter($"{by.Name} of {split.ToString().ToLowerInvariant()} after step {progress.TrainingSteps}", waits: true);
        var point = by.Evaluate(split, rounds, episodes, progress.TrainingSteps, strategy, n =>
        {
            Disk.Reached("evaluation: episode");
            finished?.Invoke(n);
        }, cancellationToken);
        progress = progress with { Failures = progress.Failures + FailureCounts.Of(point.Episodes) };
        foreach (var episode in point.Episodes) archive?.Append(episode);
        metrics.Write(by.Name, progress.TrainingSteps, EpisodeMetrics.Of(point.Episodes, configuration.Context),
            ("split", point.Split.ToString().ToLowerInvariant()), ("context", Contexts.ContextStrategies.NameOf(point.Context)), ("rounds_allowed", $"{rounds}"));
        return point;
    }

    private TransformerPolicy? FrozenReference()
    {
        if (configuration.Algorithm.KlCoef == 0) return null;
        var folder = Path.Combine(run.Root, "reference");
        if (progress.TrainingSteps > 0) return PolicyFactory.Load(folder, configuration.Model);
        Torch.Weights.PolicyFolder.Save(policy, folder);
        Disk.SyncTree(folder);
        return policy.Copy();
    }

    private void Save()
    {
        watch.Enter($"checkpoint after step {progress.TrainingSteps}", waits: false);
        progress = progress with { Seconds = Elapsed(), MetricsBytes = metrics.Bytes, ArchivePosition = archive?.Flush().ToString() };
        Disk.Reached("between archive and checkpoint");
        metrics.Sync(); // a checkpoint counts on what it points to
        Checkpoint.Write(run, progress, policy, learner!.Optimizer, configuration.Checkpoint.Keep);
    }

    private double Elapsed() => secondsBefore + time.GetElapsedTime(began).TotalSeconds;

    private static bool IsDue(int step, int every) => every > 0 && step % every == 0;
}
