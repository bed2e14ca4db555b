using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>What a step leaves behind would show over many. Resident memory of a process that runs nothing else: <c>experiments/trust/run.sh soak</c>.</summary>
public sealed class LongRunTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void No_step_leaves_a_tensor_behind()
    {
        var run = tiny.Finish(tiny.ConfigureLuck("training.steps=60", "training.tasks_per_step=2", "training.group_size=2", "checkpoint.every=10", "evaluation.every=10", "algorithm.kl_coef=0.01"));
        var tensors = RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train").Select(m => (double)m["memory/live_tensors"]!).ToList();
        Assert.Equal(60, tensors.Count);
        Assert.Equal(tensors[0], tensors.Max()); // some are freed when a checkpoint has been written, or when garbage is collected
    }
}
