using AgentRL.Environments;
using AgentRL.Randomness;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Environments;

public class CrashingEnvironmentTests
{
    private static readonly RandomStream Stream = RandomStream.Root(5, "crashes");

    [Fact]
    public async Task Each_attempt_crashes_at_the_same_calls()
    {
        var first = await CrashesAsync(0.25, 200);
        Assert.Equal(first, await CrashesAsync(0.25, 200));
        Assert.InRange(first.Count, 26, 74); // Binomial(200, 1/4): mean 50, deviation 6.1; four of them
    }

    [Fact]
    public async Task At_rate_0_nothing_crashes_and_at_rate_1_everything_does()
    {
        Assert.Empty(await CrashesAsync(0, 50));
        Assert.Equal(50, (await CrashesAsync(1, 50)).Count);
    }

    private static async Task<List<int>> CrashesAsync(double rate, int calls)
    {
        var environment = new CrashingEnvironment(new ToyEnvironment(), rate, Stream);
        var crashes = new List<int>();
        for (var i = 0; i < calls; i++)
        {
            try
            {
                await environment.StepAsync(ToolCall.Of("inc"), CancellationToken.None);
            }
            catch (EnvironmentCrashException)
            {
                crashes.Add(i);
            }
        }
        return crashes;
    }
}
