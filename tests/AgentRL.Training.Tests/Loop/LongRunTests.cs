using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

[Trait("Category", "Slow")]
public sealed class LongRunTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Memory_does_not_grow_over_500_steps()
    {
        var run = tiny.Finish(tiny.ConfigureLuck("training.steps=500", "training.tasks_per_step=2", "training.group_size=2", "checkpoint.every=50", "evaluation.every=50", "algorithm.kl_coef=0.01"));
        var train = RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train").ToList();
        Assert.Equal(500, train.Count);
        Assert.Equal(train[0]["memory/live_tensors"]!.GetValue<double>(), train.Max(m => m["memory/live_tensors"]!.GetValue<double>()));
        var (early, late) = (train[99]["memory/resident_mb"]!.GetValue<double>(), train[^1]["memory/resident_mb"]!.GetValue<double>());
        Assert.True(late <= 1.1 * early, $"{early:F0} MiB at step 100, {late:F0} at step 500");
    }
}
