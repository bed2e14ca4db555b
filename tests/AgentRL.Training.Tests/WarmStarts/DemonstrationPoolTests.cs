using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Tests.Support;
using AgentRL.Training.WarmStarts;

namespace AgentRL.Training.Tests.WarmStarts;

public sealed class DemonstrationPoolTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void A_pool_begins_again_after_its_last_demonstration()
    {
        var inputs = RunInputs.Prepare(tiny.Configure(), TinyRun.Catalog, null);
        var pool = new DemonstrationPool(inputs.Tasks, inputs.Template, inputs.Configuration.Context, inputs.Configuration.WarmStart.Demonstrations, seed: 1);
        Assert.Equal([4, 0, 1, 2, 3, 4, 0], pool.Demonstrate(4, 7, poolSize: 5).Select(e => e.Key.Group));
        Assert.Equal([4, 5, 6], pool.Demonstrate(4, 3).Select(e => e.Key.Group));
    }

    [Theory]
    [InlineData("training.learning_rate=0")]
    [InlineData("warm_start.learning_rate=0")]
    public void A_learning_rate_of_0_is_refused_before_anything_begins(string setting) =>
        Assert.Contains("learning_rate", Assert.Throws<ConfigurationException>(() => tiny.Configure(setting)).Message, StringComparison.Ordinal);
}
