using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Tests.Credit;

/// <summary>
/// Three faults of a public implementation of segmented trajectories, each as a case in which it would give other numbers: advantages normalised over
/// all segments of the batch, segments trimmed to a multiple of the batch size, and crashed episodes that enter with reward 0.
/// </summary>
public class SegmentedCreditTests
{
    private const double Rounding = 1e-5; // eps of 1e-6 in the denominator, and a few operations

    private static readonly AlgorithmOptions Options = new();

    // Two groups with other rewards, and one episode of group 0 that is eight segments long.
    private static readonly Episode[] Batch =
    [
        MadeEpisodes.With(1, [1, 1, 1, 1, 1, 1, 1, 1], group: 0, sample: 0), MadeEpisodes.With(0, [2], group: 0, sample: 1),
        MadeEpisodes.With(1, [3], group: 1, sample: 2), MadeEpisodes.With(1, [2, 2], group: 1, sample: 3), MadeEpisodes.With(0.4, [4], group: 1, sample: 4),
    ];

    [Fact]
    public void Advantages_are_normalised_over_the_episodes_of_a_group_and_not_over_the_segments_of_the_batch()
    {
        var advantages = CreditAssigner.Assign(Batch, Options).Select(e => e.Advantage!.Value).ToArray();
        // Group 0: mean 1/2, deviation √½. Group 1: mean 0.8, deviation √0.12.
        double[] expected = [Math.Sqrt(0.5), -Math.Sqrt(0.5), 0.2 / Math.Sqrt(0.12), 0.2 / Math.Sqrt(0.12), -0.4 / Math.Sqrt(0.12)];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], advantages[i], Rounding);

        // Over the 13 segments of the batch it would be: 11 of reward 1, one of 0, one of 0.4.
        double[] segments = [.. Batch.SelectMany(e => e.Segments.Select(_ => e.Reward))];
        var (mean, deviation) = (segments.Average(), Math.Sqrt(segments.Sum(r => Math.Pow(r - segments.Average(), 2)) / 12));
        Assert.All(Batch.Zip(advantages), x => Assert.True(Math.Abs(((x.First.Reward - mean) / deviation) - x.Second) > 0.1));
    }

    [Fact]
    public void Every_segment_carries_its_episodes_advantage()
    {
        var sequences = LossWeights.Of(CreditAssigner.Assign(Batch, Options), Options);
        Assert.Equal(13, sequences.Count);
        Assert.All(sequences.Take(8), s => Assert.Equal((float)Math.Sqrt(0.5), s.Advantage, Rounding));
        Assert.All(sequences.Skip(9).Take(3), s => Assert.Equal((float)(0.2 / Math.Sqrt(0.12)), s.Advantage, Rounding));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(31)]
    public void No_loss_token_is_lost_whatever_the_number_of_segments(int segments)
    {
        // Eight episodes a batch; the last one has so many segments that their sum is no multiple of eight, or is one.
        Episode[] batch = [.. Enumerable.Range(0, 7).Select(i => MadeEpisodes.With(i % 2, [3], sample: i)), MadeEpisodes.With(1, [.. Enumerable.Repeat(2, segments)], sample: 7)];
        foreach (var updates in (int[])[1, 2, 3])
        {
            var sequences = LossWeights.MiniBatches(CreditAssigner.Assign(batch, Options), updates).SelectMany(b => LossWeights.Of(b, Options)).ToList();
            Assert.Equal(7 + segments, sequences.Count);
            Assert.Equal((7 * 3) + (2 * segments), sequences.Sum(s => s.Weights.Count(w => w > 0)));
            Assert.Equal(updates, sequences.Sum(s => s.Weights.Sum(w => (double)w)), Rounding); // each update's weights sum to 1
        }
    }

    [Theory]
    [InlineData(Outcome.EnvironmentFailed)]
    [InlineData(Outcome.GenerationFailed)]
    public void A_crashed_episode_leaves_mean_deviation_and_loss(Outcome crash)
    {
        Episode[] group =
        [
            MadeEpisodes.With(1, [2], sample: 0), MadeEpisodes.With(0.5, [2, 2], sample: 1), MadeEpisodes.With(0, [5, 5], crash, sample: 2) with { Strategy = "indexed", Penalties = new(1, 1, 1) },
        ];
        var credited = CreditAssigner.Assign(group, Options);
        // Mean 0.75 and deviation √0.125, not the 0.5 and 0.5 that a reward of 0 would make of them.
        Assert.Equal(0.25 / Math.Sqrt(0.125), credited[0].Advantage!.Value, Rounding);
        Assert.Equal(-0.25 / Math.Sqrt(0.125), credited[1].Advantage!.Value, Rounding);
        Assert.Equal((0.0, true), (credited[2].Advantage!.Value, credited[2].Masked!.Value));
        var sequences = LossWeights.Of(credited, Options);
        Assert.Equal(3, sequences.Count);
        Assert.All(sequences, s => Assert.All(s.Weights, w => Assert.True(w is 0 or 1f / 6)));
    }

    [Fact]
    public void Memory_calls_bear_loss_in_the_segment_they_end_and_what_memory_and_status_say_bears_none()
    {
        var context = new ContextOptions
        {
            Strategy = ContextStrategyKind.Indexed,
            WorkingContext = 500,
            MaxTurnTokens = 150,
            MaxSummaryTokens = 40,
            MaxObservationTokens = 40,
            Memory = new MemoryOptions { Status = StatusStyle.Compact, EvictReadsAfter = 1 },
        };
        var block = new string('b', 40);
        var inc = ToolCall.Of("inc").Render();
        var play = new Play(new ToyEnvironment(), context);
        var episode = play.Run(inc, MemoryTurns.Compress("s", ("k", block)), MemoryTurns.Read("k"), inc, inc, ToolCall.Of("answer", ("n", 8)).Render());
        Assert.Equal(3, episode.Segments.Count); // one ends with the compression, one with the eviction
        var sequences = LossWeights.Of(CreditAssigner.Assign([episode, MadeEpisodes.With(0, [1], group: 2, sample: 1)], Options).Take(1).ToList(), Options);
        Assert.Equal(3, sequences.Count);
        var n = episode.Turns.Sum(t => t.SampledTokens);
        var weighted = new Dictionary<TokenKind, int>();
        foreach (var (segment, sequence) in episode.Segments.Zip(sequences))
        {
            Assert.Equal(segment.Ids, sequence.Ids);
            for (var t = 0; t < segment.Length; t++)
            {
                Assert.True(sequence.Weights[t] == 0 || sequence.Weights[t] == (float)(1.0 / n));
                if (sequence.Weights[t] > 0) weighted[segment.Kinds[t]] = weighted.GetValueOrDefault(segment.Kinds[t]) + 1;
            }
        }
        Assert.Equal(
            new Dictionary<TokenKind, int>
            {
                [TokenKind.Action] = episode.Turns.Where(t => t.Kind == TurnKind.Action).Sum(t => t.SampledTokens),
                [TokenKind.MemoryWrite] = episode.Turns[1].SampledTokens,
                [TokenKind.MemoryRead] = episode.Turns[2].SampledTokens,
            },
            weighted);
        Assert.Contains(TokenKind.MemoryContent, episode.Segments[1].Kinds);
        Assert.Contains(TokenKind.Status, episode.Segments[2].Kinds);
        Assert.All(sequences[0].Weights[^episode.Turns[1].SampledTokens..], w => Assert.True(w > 0)); // the compression is the end of its segment
    }
}
