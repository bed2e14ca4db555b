using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;

namespace AgentRL.Training.Loop;

/// <summary>Collects the episodes of a step: <c>tasks_per_step</c> fresh tasks, <c>group_size</c> episodes each.</summary>
internal sealed class Collector(RolloutWorkers workers, RunInputs inputs)
{
    /// <summary>Runs a step's episodes.</summary>
    /// <param name="step">The step; part of the random streams.</param>
    /// <param name="drawn">Training tasks drawn before.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The episodes, and the tasks drawn after.</returns>
    public (IReadOnlyList<Episode> Episodes, int Drawn) Collect(int step, int drawn, CancellationToken cancellationToken)
    {
        var c = inputs.Configuration;
        var episodes = RunGroups(step, drawn, 0, c.Training.TasksPerStep, cancellationToken);
        drawn += c.Training.TasksPerStep;
        for (var round = 0; c.Algorithm.ResampleZeroVariance && round < c.Algorithm.MaxResampleRounds; round++)
        {
            var silent = episodes.GroupBy(e => e.Key.Group).Where(g => !CreditAssigner.HasSignal(g, c.Algorithm)).Select(g => g.Key).ToHashSet();
            if (silent.Count == 0) break;
            var firstGroup = c.Training.TasksPerStep * (round + 1);
            var fresh = RunGroups(step, drawn, firstGroup, silent.Count, cancellationToken);
            drawn += silent.Count;
            episodes = [.. episodes.Where(e => !silent.Contains(e.Key.Group)), .. fresh];
        }
        workers.Remember(episodes); // last: a step that was interrupted has left nothing
        return (episodes, drawn);
    }

    private IReadOnlyList<Episode> RunGroups(int step, int firstTask, int firstGroup, int groups, CancellationToken cancellationToken)
    {
        var c = inputs.Configuration;
        var streams = RandomStream.Root(c.Seed, "training").Derive(step);
        var sampling = new Sampling(c.Rollout.Temperature, c.Rollout.TopP, c.Rollout.TopK);
        var plans =
            from g in Enumerable.Range(0, groups)
            from sample in Enumerable.Range(0, c.Training.GroupSize)
            let task = firstTask + g
            let stream = streams.Derive(task).Derive(sample)
            select new EpisodePlan(new EpisodeKey("train", step + 1, firstGroup + g, sample), () => Create(task, stream), stream, sampling);
        return workers.Run([.. plans], c.Context, null, cancellationToken);
    }

    private IEnvironment Create(int task, RandomStream stream)
    {
        var environment = inputs.Tasks.Create(TaskSplit.Train, task);
        var rate = inputs.Configuration.Environment.CrashRate;
        return rate > 0 ? new CrashingEnvironment(environment, rate, stream.Derive("crashes")) : environment;
    }
}
