using AgentRL.Fakes;
using AgentRL.Torch.Weights;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Train;

/// <summary>Ctrl-C on a real process.</summary>
[Trait("Category", "Slow")]
public sealed class SignalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string config;

    // Many slow steps, so that there is time to press Ctrl-C.
    public SignalTests() => config = folder.Write("tiny.yaml", TinyRun.Yaml.Replace("training: {steps: 2, tasks_per_step: 2", "training: {steps: 60, tasks_per_step: 24", StringComparison.Ordinal));

    private string Run => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Ctrl_C_saves_says_how_to_go_on_and_the_run_goes_on_to_its_end()
    {
        using (var first = ChildProcess.Agentrl("train", config, "--run", Run))
        {
            await first.SeesAsync("reinforcement learning: 60 steps");
            first.Interrupt();
            Assert.Equal(ExitCode.Interrupted, await first.ExitCodeAsync());
            Assert.Contains("finishing the step and saving", first.Output, StringComparison.Ordinal);
            Assert.Contains($"Go on with: agentrl train {config} --run {Run} --resume", first.Output, StringComparison.Ordinal);
            Assert.False(File.Exists(RunDirectory.Open(Run).Summary));
        }
        using var second = ChildProcess.Agentrl("train", config, "--run", Run, "--resume");
        Assert.Equal(ExitCode.Done, await second.ExitCodeAsync());
        Assert.True(File.Exists(RunDirectory.Open(Run).Summary));
    }

    [Fact]
    public async Task A_second_Ctrl_C_ends_at_once_and_leaves_the_last_checkpoint_intact()
    {
        using (var first = ChildProcess.Agentrl("train", config, "--run", Run))
        {
            await first.SeesAsync("reinforcement learning: 60 steps");
            first.Interrupt();
            first.Interrupt();
            Assert.Equal(ExitCode.Interrupted, await first.ExitCodeAsync());
        }
        var checkpoint = Checkpoint.Newest(RunDirectory.Open(Run))!;
        PolicyFolder.Load(checkpoint.Policy).Dispose();
        using var second = ChildProcess.Agentrl("train", config, "--run", Run, "--resume");
        await second.SeesAsync("reinforcement learning");
        second.Interrupt();
        Assert.Equal(ExitCode.Interrupted, await second.ExitCodeAsync());
    }
}
