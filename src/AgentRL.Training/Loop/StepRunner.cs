using AgentRL.Archive;
using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Training.Loop;

/// <summary>What a training step did.</summary>
/// <param name="Episodes">Its episodes with their credit.</param>
/// <param name="TasksDrawn">Training tasks drawn so far.</param>
/// <param name="PolicyVersion">Version of the new weights.</param>
/// <param name="Learned">The learner's metrics.</param>
/// <param name="Seconds">What each stage took.</param>
internal sealed record StepOutcome(IReadOnlyList<Episode> Episodes, int TasksDrawn, int PolicyVersion, IReadOnlyList<Metric> Learned, IReadOnlyList<Metric> Seconds);

/// <summary>Does training steps: collect → credit → archive → update → publish.</summary>
internal sealed class StepRunner(RolloutWorkers workers, RunInputs inputs, ArchiveWriter? archive, TimeProvider time, StallWatch? watch = null)
{
    private readonly Collector collector = new(workers, inputs);

    /// <summary>One step.</summary>
    /// <param name="learner">Makes the update.</param>
    /// <param name="step">Its number, from 0; part of the random streams.</param>
    /// <param name="tasksDrawn">Training tasks drawn before.</param>
    /// <param name="policyVersion">Version of the weights that sample.</param>
    /// <param name="cancellationToken">Stops.</param>
    public StepOutcome Run(Learner learner, int step, int tasksDrawn, int policyVersion, CancellationToken cancellationToken)
    {
        var (clock, before) = (new StepTimer(time), workers.EnvironmentTime);
        watch?.Enter($"step {step + 1}: collecting episodes", waits: true);
        var (episodes, drawn) = collector.Collect(step, tasksDrawn, cancellationToken);
        clock.Lap("collect");
        clock.Add("environments", workers.EnvironmentTime - before);
        var credited = CreditAssigner.Assign(episodes, inputs.Configuration.Algorithm);
        clock.Lap("credit");
        watch?.Enter($"step {step + 1}: archiving episodes", waits: false); // which has a limit of its own
        foreach (var episode in credited) archive?.Append(episode);
        clock.Lap("archive");
        watch?.Enter($"step {step + 1}: updating weights", waits: false);
        var (numbers, updates) = learner.Update(credited);
        clock.Lap("update");
        workers.PublishWeights(policyVersion + updates);
        workers.Prepare();
        clock.Lap("publish");
        return new StepOutcome(credited, drawn, policyVersion + updates, numbers, clock.Laps);
    }
}
