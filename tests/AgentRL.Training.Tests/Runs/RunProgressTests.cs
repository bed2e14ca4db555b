using AgentRL.Training.Runs;

namespace AgentRL.Training.Tests.Runs;

public sealed class RunProgressTests
{
    [Fact]
    public void Figures_of_the_warm_start_survive_a_checkpoint()
    {
        var progress = new RunProgress
        {
            WarmStartSteps = 4,
            SuccessAfterWarmStart = 0.25,
            ContextAfterWarmStart = new() { RoundsUsed = 1.5, PeakWorkingContext = 88.125, BelowThreshold = 0.75, BelowThresholdAfterTurns = 1, Reads = 2, Writes = 3, DeadWrites = 0.5, UsedReadShare = 1.0 / 3 },
        };
        Assert.Equal(progress, RunProgress.FromJson(progress.ToJson()));
        progress = progress with { ContextAfterWarmStart = progress.ContextAfterWarmStart with { UsedReadShare = null } };
        Assert.Equal(progress, RunProgress.FromJson(progress.ToJson()));
    }

    [Fact]
    public void Progress_of_before_there_were_figures_has_none() =>
        Assert.Equal(new RunProgress { WarmStartSteps = 4, SuccessAfterWarmStart = 0.25 }, RunProgress.FromJson("""{"warm_start_steps": 4, "success_after_warm_start": 0.25}"""));
}
