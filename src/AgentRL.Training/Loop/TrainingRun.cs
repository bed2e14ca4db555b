using AgentRL.Archive;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Metrics;
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
    private readonly double secondsBefore;
    private readonly long began;
    private RunProgress progress;
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
        this.reporter = reporter;
        this.time = time;
        began = time.GetTimestamp();
        this.hold = hold;
        secondsBefore = progress.Seconds;
        this.workers = workers;
        workers.PublishWeights(progress.PolicyVersion);
        evaluator = workers.Evaluator(inputs);
        demonstrations = new DemonstrationPool(inputs.DemonstrationTasks, inputs.Template, configuration.Context, configuration.WarmStart.Demonstrations, configuration.Seed);
        guard = new NonFiniteGuard(run, policy, configuration.Training.StopAfterNonFinite, progress.NonFiniteInARow, reporter);
        health = new HealthMonitor(configuration.Algorithm, inputs.Tokenizer, reporter, progress.EntropyAtStart);
        metrics = new MetricsLog(run, progress.MetricsBytes, configuration.Logging.Tensorboard, time);
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
        steps = new StepRunner(workers, inputs, archive, time);
    }

    /// <summary>A new run. Nothing is written before the inputs have proved sound.</summary>
    /// <exception cref="BadInputException">The folder is taken, the budgets contradict the prompts, or a lasting memory's store cannot be opened.</exception>
    public static TrainingRun Create(RunConfiguration configuration, string folder, EnvironmentCatalog catalog, IRunReporter reporter, TimeProvider time)
    {
        var inputs = RunInputs.Prepare(configuration, catalog, tokenizerFolder: null);
        RunDirectory.ThrowIfTaken(folder);
        using var made = new Disposables();
        var policy = made.Add(PolicyFactory.Create(inputs));
        var workers = made.Add(new RolloutWorkers(policy, inputs, time));
        var run = RunDirectory.Create(folder);
        var hold = made.Add(run.Hold());
        AtomicFile.WriteAllText(run.Configuration, ConfigurationWriter.Write(configuration));
        inputs.Tokenizer.Save(run.Tokenizer);
        return made.HandOver(new TrainingRun(inputs, run, policy, workers, hold, new RunProgress(), null, reporter, time));
    }

    /// <summary>Goes on with a run from its newest checkpoint, or from its beginning where there is none yet.</summary>
    /// <exception cref="BadInputException">There is no run in the folder, it or its lasting memory cannot be read, or another process is at work on either.</exception>
    public static TrainingRun Resume(RunConfiguration configuration, string folder, EnvironmentCatalog catalog, IRunReporter reporter, TimeProvider time)
    {
        var run = RunDirectory.Open(folder);
        var inputs = RunInputs.Prepare(configuration, catalog, run.Tokenizer);
        using var made = new Disposables();
        var hold = made.Add(run.Hold());
        var checkpoint = Checkpoint.Newest(run);
        var policy = made.Add(checkpoint is null ? PolicyFactory.Create(inputs) : PolicyFactory.Load(checkpoint.Policy, configuration.Model));
        var workers = made.Add(new RolloutWorkers(policy, inputs, time));
        return made.HandOver(new TrainingRun(inputs, run, policy, workers, hold, checkpoint?.Progress ?? new RunProgress(), checkpoint?.Optimizer, reporter, time));
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>The result, also written to <c>summary.json</c>.</returns>
    /// <exception cref="OperationCanceledException">Interrupted; a checkpoint of the last whole step has been written.</exception>
    /// <exception cref="NonFiniteException">Too many updates in a row were not finite.</exception>
    public RunResult Execute(CancellationToken cancellationToken)
    {
        try
        {
            WarmStart(cancellationToken);
            MeasureWarmStart(cancellationToken);
            Reinforce(cancellationToken);
            return Conclude(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            if (learner is not null) Save();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        learner?.Dispose();
        reference?.Dispose();
        workers.Dispose();
        policy.Dispose();
        metrics.Dispose();
        archive?.Dispose();
        hold.Dispose();
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
            guard.Begin($"warm-start-step-{step + 1}", progress.PolicyVersion);
            var numbers = learner.Supervise(demonstrations.Demonstrate(step * options.EpisodesPerStep, options.EpisodesPerStep, options.Episodes));
            workers.PublishWeights(++step);
            progress = progress with { WarmStartSteps = step, PolicyVersion = step, NonFiniteInARow = guard.InARow };
            metrics.Write("warm_start", step, numbers);
            reporter.Step(step, [("loss", numbers[0].Value)]);
            if (IsDue(step, configuration.Checkpoint.Every)) Save();
        }
        Save();
        learner.Dispose();
        learner = null;
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
            NonFiniteInARow = guard.InARow,
            EntropyAtStart = health.EntropyAtStart,
        };
        IReadOnlyList<Metric> all =
        [
            .. EpisodeMetrics.Of(done.Episodes, configuration.Context), new("zero_variance_groups", EpisodeMetrics.ZeroVarianceGroups(done.Episodes, configuration.Algorithm)),
            new("tasks_drawn", done.TasksDrawn), .. done.Learned, .. found, .. done.Seconds, .. ProcessMetrics.Now(),
        ];
        if (IsDue(step + 1, configuration.Logging.MetricsEvery)) metrics.Write("train", step + 1, all);
        reporter.Step(step + 1, [.. HighlightNames.SelectMany(name => all.Where(m => m.Name == name)).Select(m => (m.Name, m.Value))]);
    }

    private RunResult Conclude(CancellationToken cancellationToken)
    {
        Torch.Weights.PolicyFolder.Save(policy, run.Policy);
        inputs.Tokenizer.Save(run.Policy);
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
        var point = by.Evaluate(split, rounds, episodes, progress.TrainingSteps, strategy, finished, cancellationToken);
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
        return policy.Copy();
    }

    private void Save()
    {
        progress = progress with { Seconds = Elapsed(), MetricsBytes = metrics.Bytes, ArchivePosition = archive?.Flush().ToString() };
        Checkpoint.Write(run, progress, policy, learner!.Optimizer, configuration.Checkpoint.Keep);
    }

    private double Elapsed() => secondsBefore + time.GetElapsedTime(began).TotalSeconds;

    private static bool IsDue(int step, int every) => every > 0 && step % every == 0;
}
