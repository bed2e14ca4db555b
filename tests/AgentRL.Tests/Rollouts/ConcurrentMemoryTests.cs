using System.Collections.Concurrent;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Rollouts;

public class ConcurrentMemoryTests
{
    private static readonly ToyTemplate Template = new();

    [Theory]
    [InlineData(40, 40)]
    [InlineData(40, 7)]
    public void Episodes_at_once_write_one_index_and_each_reads_back_its_own_block(int episodes, int concurrency)
    {
        var context = new ContextOptions
        {
            Strategy = ContextStrategyKind.Indexed,
            WorkingContext = 600,
            MaxTurnTokens = 200,
            MaxSummaryTokens = 40,
            MaxObservationTokens = 40,
            MaxRounds = 3,
            Memory = new MemoryOptions { Status = StatusStyle.Compact, Update = true },
        };
        var taken = new ConcurrentDictionary<long, int>();
        using var engine = new ScriptedEngine(r =>
        {
            var turn = taken.AddOrUpdate(r.SequenceId, 0, (_, t) => t + 1);
            var text = turn switch
            {
                0 => MemoryTurns.Compress("s", ("same", $"first of {r.SequenceId}"), ("other", $"kept by {r.SequenceId}")),
                1 or 3 => MemoryTurns.Read("same"),
                2 => MemoryTurns.Compress("s", ("same", $"second of {r.SequenceId}")),
                4 => MemoryTurns.Read("other"),
                5 => MemoryTurns.Read("nobody"),
                _ => ToolCall.Of("answer", ("n", 8)).Render(),
            };
            return new Reply(Template.RenderTurn(text), Delay: 1 + (int)((r.SequenceId * 7) + (turn * 3)) % 5);
        });
        var done = new Dictionary<int, Episode>();
        var plans = Enumerable.Range(0, episodes).Select(i => new EpisodePlan(new EpisodeKey("train", 0, i / 4, i % 4), () => new ToyEnvironment(), new RandomStream((ulong)i), Sampling.Greedy)).ToList();
        new EpisodeDriver(engine, Template, context, new DriverOptions(concurrency, 0, TimeSpan.FromSeconds(5)), new FakeTime()).Run(plans, done.Add, default);

        Assert.Equal(episodes, done.Count);
        Assert.Equal(concurrency, engine.MostPending);
        foreach (var (i, episode) in done)
        {
            Assert.Equal((Outcome.Answered, 2), (episode.Outcome, episode.Rounds));
            Assert.Equal([$"first of {i}", $"second of {i}", $"kept by {i}", "no block nobody; known are same, other"], episode.Turns.Where(t => t.Kind == TurnKind.MemoryRead).Select(t => t.Observation));
        }
    }
}
