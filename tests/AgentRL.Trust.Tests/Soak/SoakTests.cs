namespace AgentRL.Trust.Tests.Soak;

/// <summary>The short form of <c>experiments/trust/run.sh soak</c>.</summary>
public sealed class SoakTests
{
    [Fact]
    public void In_a_hundred_steps_in_which_one_call_in_a_hundred_goes_wrong_every_episode_is_accounted_for()
    {
        var result = SoakRun.Run(100, 50);
        Assert.True(result.IsAccountedFor, $"{result}");
        Assert.True(result.Fatal > 20, $"{result.Fatal} faults are too few to say anything");
        Assert.True(result.Injected.Values.All(count => count > 0) || result.Injected.Values.Count(count => count > 0) > 7, string.Join(", ", result.Injected));
        Assert.Equal(result.Looks[0].Tensors, result.Looks[^1].Tensors);
        Assert.InRange(result.Looks[^1].Handles, 0, result.Looks[0].Handles + 2); // one the clock or the pool may have opened meanwhile
        Assert.InRange(result.Looks[^1].Threads, 0, result.Looks[0].Threads + 8); // of the pool, which comes and goes; a leak of hung threads is one for each fault
    }
}
