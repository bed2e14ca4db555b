using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

public sealed class RepetitionTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_configuration_gives_the_same_run_bit_for_bit(int workers)
    {
        var configuration = tiny.Configure($"rollout.workers={workers}", $"training.threads={workers}", "algorithm.entropy_coef=0.01");
        RunContent.AssertEqual(tiny.Finish(configuration), tiny.Finish(configuration));
    }
}
