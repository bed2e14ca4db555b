using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Rollouts;

public class RolloutPoolTests
{
    private static readonly DriverOptions Options = new(3, 1, TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public void Results_come_in_the_plans_order_and_do_not_depend_on_the_number_of_workers(int workers)
    {
        var one = Run(1, 8);
        var many = Run(workers, 8);
        Assert.Equal(Enumerable.Range(0, 8), many.Select(e => e.Key.Sample));
        EpisodeDriverTests.AssertSame(one, many);
    }

    [Fact]
    public void Plan_i_goes_to_worker_i_modulo_workers()
    {
        var engines = Engines(3);
        Pool(engines).Run(EpisodeDriverTests.Plans(7), EpisodeDriverTests.Restoring, null, default);
        for (var w = 0; w < 3; w++)
        {
            var temperatures = engines[w].Requests.Select(r => r.Sampling.Temperature).Distinct().Order();
            Assert.Equal(Enumerable.Range(0, 7).Where(i => i % 3 == w).Select(i => 0.5 + i), temperatures);
        }
    }

    [Fact]
    public void Progress_counts_every_finished_episode_once()
    {
        var counts = new List<int>();
        Pool(Engines(3)).Run(EpisodeDriverTests.Plans(10), EpisodeDriverTests.Restoring, counts.Add, default);
        Assert.Equal(Enumerable.Range(1, 10), counts);
    }

    [Fact]
    public void A_fault_in_one_worker_stops_all_and_is_thrown_as_it_was()
    {
        var engines = Engines(3);
        foreach (var engine in engines) engine.ReleaseWhilePending = true;
        engines[1].OnAdvance = step =>
        {
            if (step == 2) throw new InvalidDataException("engine gone");
        };
        var fault = Assert.Throws<InvalidDataException>(() => Pool(engines).Run(EpisodeDriverTests.Plans(300), EpisodeDriverTests.Restoring, null, default));
        Assert.Equal("engine gone", fault.Message);
        Assert.All(engines, e => Assert.Empty(e.Open));
    }

    [Fact]
    public void A_prompt_without_room_in_every_plan_is_the_failure_of_each()
    {
        var options = EpisodeDriverTests.Restoring with { WorkingContext = 60 };
        var episodes = Pool(Engines(2)).Run(EpisodeDriverTests.Plans(4), options, null, default);
        Assert.All(episodes, e => Assert.Equal((Outcome.EnvironmentFailed, 0), (e.Outcome, e.Retries)));
        Assert.All(episodes, e => Assert.StartsWith(nameof(ContextBudgetException), e.Failure, StringComparison.Ordinal));
    }

    [Fact]
    public void Cancelling_stops_all_workers_and_releases_their_sequences()
    {
        using var cancel = new CancellationTokenSource();
        var engines = Engines(2);
        foreach (var engine in engines) engine.ReleaseWhilePending = true;
        engines[0].OnAdvance = step =>
        {
            if (step == 3) cancel.Cancel();
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Pool(engines).Run(EpisodeDriverTests.Plans(200), EpisodeDriverTests.Restoring, null, cancel.Token));
        Assert.All(engines, e => Assert.Empty(e.Open));
    }

    private static IReadOnlyList<Episode> Run(int workers, int plans) =>
        Pool(Engines(workers)).Run(EpisodeDriverTests.Plans(plans), EpisodeDriverTests.Restoring, null, default);

    private static ScriptedEngine[] Engines(int count) => [.. Enumerable.Range(0, count).Select(_ => new ScriptedEngine(EpisodeDriverTests.ByStream))];

    private static RolloutPool Pool(ScriptedEngine[] engines) => new(engines, new ToyTemplate(), Options, new FakeTime());
}
