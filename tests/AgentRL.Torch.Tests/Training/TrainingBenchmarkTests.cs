using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;

namespace AgentRL.Torch.Tests.Training;

public sealed class TrainingBenchmarkTests
{
    [Fact]
    public void Both_engines_are_measured_on_the_same_gradient()
    {
        TrainingBenchmarkResult result = TrainingBenchmark.Run(Small.Config(), workers: 2, sequences: 4, rounds: 1);
        Assert.True(result.LossTokensPerSecond > 0 && result.PaddedLossTokensPerSecond > 0);
        Assert.InRange(result.GradientDifference, 0, 1e-5); // float32 sums in another order
    }
}
