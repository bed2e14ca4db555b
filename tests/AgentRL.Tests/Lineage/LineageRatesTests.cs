using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Lineage;

public class LineageRatesTests
{
    private const double FloatSum = 1e-5; // the loss's weights are float32; these are double

    [Fact]
    public void Counts_add_up_and_rates_follow()
    {
        var used = Episode(new MemoryEpisode().Compress("s", ("a", "code 4821"), ("b", "x")).Read("a").Read("a").Act(new { code = 4821 }), reward: 1);
        var unused = Episode(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a"), reward: 0.5);
        var unread = Episode(new MemoryEpisode().Compress("s", ("a", "code 4821")), reward: 0.25);
        var plain = Episode(new MemoryEpisode("summary").Act(new { }, "4821").Compress("s").Act(new { code = 4821 }), reward: 0);
        var rates = new[] { used, unused, unread, plain, plain with { Outcome = Outcome.EnvironmentFailed } }
            .Aggregate(LineageRates.None, (sum, e) => sum + LineageRates.Of(e, EpisodeLineage.Of(e)));
        Assert.Equal((4, 4, 2, 3, 1, 1), (rates.Episodes, rates.Writes, rates.DeadWrites, rates.Reads, rates.UsedReads, rates.RepeatedReads));
        Assert.Equal((4, 0, 0, 1, 1), (rates.Compressions, rates.CarriedFacts, rates.ArchivedFacts, rates.LostFacts, rates.NeededFacts));
        Assert.Equal((0.5, 1.0 / 3, 1.0 / 3, 1.0), (rates.DeadWriteRate, rates.UsedReadRate, rates.StaleReadRate, rates.LostFactRate));
        Assert.Null(rates.UsedFactRate);
        Assert.Equal(
            [new UseReward(1, 1, 1), new UseReward(1, 0, 0.5), new UseReward(1, 0, 0.25), new UseReward(1, 0, 0)],
            [rates.RewardByUse.ReadAndUsed, rates.RewardByUse.ReadUnused, rates.RewardByUse.NeverRead, rates.RewardByUse.NeverWrote]);
    }

    [Fact]
    public void The_gradient_divides_by_advantage_and_tokens()
    {
        // Advantages 2 and −1; 3 + 4 loss tokens, of which the second's last two are a summary: (3·2 + 2·1) / 7 and 2·1 / 7.
        var run = new RunLineage(new AlgorithmOptions());
        run.Add(MadeEpisodes.With(1, [3]) with { Advantage = 2 });
        run.Add(MadeEpisodes.With(0, [4, 0], summaryTokens: 2) with { Advantage = -1 });
        run.Add(MadeEpisodes.With(0, [9]) with { Advantage = -1, Masked = true });
        var gradient = Assert.Single(run.Parts()).Gradient;
        Assert.Equal((5, 2, 7), (gradient.Action.Tokens, gradient.Summary.Tokens, gradient.Total.Tokens));
        Assert.Equal(8.0 / 7, gradient.Action.Weight, 12);
        Assert.Equal(2.0 / 7, gradient.Summary.Weight, 12);
        Assert.Equal(0.8, gradient.WeightShare(TokenKind.Action)!.Value, 12);
        Assert.Equal(0, gradient.WeightShare(TokenKind.MemoryRead));
        Assert.Null(GradientShares.None.WeightShare(TokenKind.Action));
    }

    [Fact]
    public void The_weights_are_those_of_the_loss() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 6].Array[1, 4], Gen.Double[-3, 3], Gen.Int[0, 3]).Array[1, 9], Gen.Enum<LossAggregation>(), Gen.Int[1, 4], Gen.Bool).Sample((made, aggregation, updates, summaryLoss) =>
        {
            var options = new AlgorithmOptions { LossAggregation = aggregation, UpdatesPerStep = updates, SummaryLoss = summaryLoss };
            var episodes = made
                .Select((m, i) => Mixed(MadeEpisodes.With(0, [.. m.Item1.Append(1)], sample: i) with { Advantage = m.Item2, Masked = m.Item3 == 0 })).ToList();
            var expected = LossWeights.MiniBatches(episodes, updates).SelectMany(b => LossWeights.Of(b, options)).SelectMany(s =>
            {
                var kinds = episodes.SelectMany(e => e.Segments).Single(x => ReferenceEquals(x.Ids, s.Ids)).Kinds;
                return s.Weights.Select((w, t) => (Kind: kinds[t], Weight: w * Math.Abs(s.Advantage)));
            }).ToLookup(w => w.Kind, w => (double)w.Weight);
            var run = new RunLineage(options);
            episodes.ForEach(e => run.Add(e));
            var gradient = Assert.Single(run.Parts()).Gradient;
            foreach (var kind in new[] { TokenKind.Action, TokenKind.Summary, TokenKind.MemoryWrite, TokenKind.MemoryRead })
                Assert.Equal(expected[kind].Sum(), gradient.Of(kind).Weight, FloatSum);
        }, iter: 500);

    [Fact]
    public void Episodes_that_are_left_out_still_count_in_n()
    {
        var run = new RunLineage(new AlgorithmOptions());
        run.Add(MadeEpisodes.With(1, [3]) with { Advantage = 2 }, counts: false);
        run.Add(MadeEpisodes.With(0, [1]) with { Advantage = -1 });
        var part = Assert.Single(run.Parts());
        Assert.Equal((1, new KindWeight(1, 0.25)), (part.Rates.Episodes, part.Gradient.Action));
    }

    [Fact]
    public void Training_is_cut_into_stretches_and_other_phases_stand_alone()
    {
        var run = new RunLineage(new AlgorithmOptions());
        for (var step = 1; step <= 5; step++) run.Add(At("train", step));
        run.Add(At("eval", 5));
        run.Add(At("eval", 3));
        Assert.Equal(["train 1..2 2", "train 3..5 3", "eval 3..3 1", "eval 5..5 1"], run.Parts(2).Select(p => $"{p.Phase} {p.StepFrom}..{p.StepTo} {p.Rates.Episodes}"));
        Assert.Equal(["train 1..5 5", "eval 3..3 1", "eval 5..5 1"], run.Parts().Select(p => $"{p.Phase} {p.StepFrom}..{p.StepTo} {p.Rates.Episodes}"));
        Assert.Equal(5 + 2, run.Parts(99).Count);
        Assert.Empty(new RunLineage(new AlgorithmOptions()).Parts());

        static Episode At(string phase, int step) => MadeEpisodes.With(1, [1]) with { Key = new EpisodeKey(phase, step, 0, 0) };
    }

    private static Episode Mixed(Episode episode) => episode with
    {
        Segments = [.. episode.Segments.Select(s => s with { Kinds = [.. s.Kinds.Select((k, t) => s.Loss[t] ? (TokenKind)((int)TokenKind.Action + ((t + s.Length) % 4)) : k)] })],
    };

    private static Episode Episode(MemoryEpisode made, double reward) => made.Build() with
    {
        Result = new AgentRL.Environments.EnvironmentResult(true, reward, reward >= 1, new Dictionary<string, double>()),
    };
}
