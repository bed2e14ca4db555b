using AgentRL.Archive;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Evaluations;

/// <summary>Evaluates the policy of a run afterwards: other rounds, splits, strategies, more episodes. The episodes join the run's archive.</summary>
public sealed class RunEvaluation : IDisposable
{
    private readonly RunDirectory run;
    private readonly RunConfiguration configuration;
    private readonly RunProgress progress;
    private readonly TransformerPolicy policy;
    private readonly RolloutWorkers workers;
    private readonly Evaluator evaluator;

    private RunEvaluation(RunDirectory run, RunInputs inputs, RunProgress progress, TransformerPolicy policy, TimeProvider time)
    {
        this.run = run;
        configuration = inputs.Configuration;
        this.progress = progress;
        this.policy = policy;
        workers = new RolloutWorkers(policy, inputs, time);
        workers.PublishWeights(progress.PolicyVersion);
        evaluator = workers.Evaluator(inputs);
    }

    /// <summary>The run's settings.</summary>
    public RunConfiguration Configuration => configuration;

    /// <summary>Opens a run with its newest checkpoint's policy.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="set">Settings that differ from the run's, for example <c>context.max_turns=500</c>.</param>
    /// <param name="catalog">Known environments.</param>
    /// <param name="time">Measures turns and tools.</param>
    /// <exception cref="BadInputException">There is no run in the folder, or it has no checkpoint yet.</exception>
    /// <exception cref="ConfigurationException">A setting cannot be used.</exception>
    public static RunEvaluation Open(string folder, IReadOnlyList<string> set, EnvironmentCatalog catalog, TimeProvider time)
    {
        var run = RunDirectory.Open(folder);
        var configuration = ConfigurationLoader.LoadResolved(run.Configuration, set, catalog);
        var checkpoint = Checkpoint.Newest(run) ?? throw new BadInputException($"{folder} has no checkpoint yet: nothing to evaluate");
        var inputs = RunInputs.Prepare(configuration, catalog, run.Tokenizer);
        return new RunEvaluation(run, inputs, checkpoint.Progress, PolicyFactory.Load(checkpoint.Policy, configuration.Model), time);
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
