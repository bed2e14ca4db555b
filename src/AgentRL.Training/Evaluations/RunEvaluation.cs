using AgentRL.Archive;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Evaluations;

/// <summary>
/// Evaluates the policy of a run afterwards: other rounds, splits, strategies, more episodes. The episodes join the run's archive; under other settings their phase begins with <see cref="Evaluator.OtherSettings"/>.
/// </summary>
public sealed class RunEvaluation : IDisposable
{
    private readonly RunDirectory run;
    private readonly RunConfiguration configuration;
    private readonly RunProgress progress;
    private readonly TransformerPolicy policy;
    private readonly RolloutWorkers workers;
    private readonly Evaluator evaluator;

    private RunEvaluation(RunDirectory run, RunInputs inputs, RunProgress progress, TransformerPolicy policy, RolloutWorkers workers, string name)
    {
        this.run = run;
        configuration = inputs.Configuration;
        this.progress = progress;
        this.policy = policy;
        this.workers = workers;
        workers.PublishWeights(progress.PolicyVersion);
        evaluator = workers.Evaluator(inputs, name);
    }

    /// <summary>The run's settings.</summary>
    public RunConfiguration Configuration => configuration;

    /// <summary>Opens a run with its newest checkpoint's policy.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="set">Settings that differ from the run's, for example <c>context.max_turns=500</c>.</param>
    /// <param name="catalog">Known environments.</param>
    /// <param name="time">Measures turns and tools.</param>
    /// <exception cref="BadInputException">There is no run in the folder, it has no checkpoint yet, or its lasting memory cannot be opened.</exception>
    /// <exception cref="ConfigurationException">A setting cannot be used.</exception>
    public static RunEvaluation Open(string folder, IReadOnlyList<string> set, EnvironmentCatalog catalog, TimeProvider time)
    {
        var run = RunDirectory.Open(folder);
        var configuration = ConfigurationLoader.LoadResolved(run.Configuration, set, catalog);
        var checkpoint = Checkpoint.Newest(run) ?? throw new BadInputException($"{folder} has no checkpoint yet: nothing to evaluate");
        var inputs = RunInputs.Prepare(configuration, catalog, run.Tokenizer);
        using var made = new Disposables();
        var policy = made.Add(PolicyFactory.Load(checkpoint.Policy, configuration.Model));
        var workers = made.Add(new RolloutWorkers(policy, inputs, time));
        return made.HandOver(new RunEvaluation(run, inputs, checkpoint.Progress, policy, workers, set.Count == 0 ? Evaluator.RunsOwn : Evaluator.OtherSettings));
    }

    /// <summary>Evaluates points in order.</summary>
    /// <param name="points">What to evaluate.</param>
    /// <param name="episodes">Tasks a point.</param>
    /// <param name="firstTask">Number of the first task in its split; others than the run looked at begin behind its own.</param>
    /// <param name="reporter">Shows progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ArchiveException">Another process writes to the run's archive, or it is damaged.</exception>
    public IReadOnlyList<EvaluationPoint> Evaluate(IReadOnlyList<Sweep.Wanted> points, int episodes, int firstTask, IRunReporter reporter, CancellationToken cancellationToken)
    {
        using var archive = configuration.Logging.Archive ? ArchiveWriter.Open(run.Archive) : null;
        reporter.Stage("evaluation", points.Count * episodes);
        var done = new List<EvaluationPoint>();
        foreach (var point in points)
        {
            var before = done.Count * episodes;
            done.Add(evaluator.Evaluate(point.Split, point.Rounds, episodes, progress.TrainingSteps, point.Context, n => reporter.Step(before + n, []), cancellationToken, firstTask));
            foreach (var episode in done[^1].Episodes) archive?.Append(episode);
            reporter.Message($"{Name(point)}: success {ReportText.Share(done[^1].Success.Value)}");
        }
        archive?.Flush();
        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        workers.Dispose();
        policy.Dispose();
    }

    private static string Name(Sweep.Wanted point) => $"{point.Split.ToString().ToLowerInvariant()}, {ContextStrategies.NameOf(point.Context)}, {point.Rounds} rounds";
}
