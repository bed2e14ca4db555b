using AgentRL.Randomness;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>The quick form of <c>experiments/trust/run.sh kills</c>: real processes, really killed.</summary>
[Trait("Category", "Slow")]
public sealed class KillTests : IDisposable
{
    private readonly KillHarness harness = new();

    public void Dispose() => harness.Dispose();

    [Fact]
    public async Task Runs_that_are_killed_at_random_go_on_as_if_nothing_had_happened()
    {
        await harness.PrepareAsync();
        var kills = 0;
        for (var n = 0; kills < 6; n++) kills += await harness.KillAtRandomAsync(RandomStream.Root(7, "kills").Derive(n));
        foreach (var (moment, time) in KillHarness.Named.Where((_, i) => i % 8 == 7)) await harness.EndAtAsync("kill", moment, time);
        await harness.EndAtAsync("disk", "checkpoint: weights written", 2);
        await harness.EndAtAsync("memory", "archive: before a frame", 2);
    }
}
