using AgentRL.Randomness;
using AgentRL.Rollouts;

namespace AgentRL.Tests.Rollouts;

public sealed class TokenSamplerTests
{
    // Probabilities 0.1, 0.4, 0.2, 0.3.
    private static readonly float[] Logits = [.. new[] { 0.1, 0.4, 0.2, 0.3 }.Select(p => (float)(Math.Log(p) + 5))];
    private static readonly RandomStream Stream = RandomStream.Root(3, "sampler test");

    [Theory]
    [InlineData(1.0, 1.0, 0, new[] { 0.1, 0.4, 0.2, 0.3 })]
    [InlineData(1.0, 1.0, 2, new[] { 0, 4.0 / 7, 0, 3.0 / 7 })]
    [InlineData(1.0, 0.69, 0, new[] { 0, 4.0 / 7, 0, 3.0 / 7 })]
    [InlineData(1.0, 0.75, 0, new[] { 0, 4.0 / 9, 2.0 / 9, 3.0 / 9 })]
    [InlineData(1.0, 0.01, 0, new[] { 0, 1.0, 0, 0 })]
    [InlineData(1.0, 0.6, 3, new[] { 0, 4.0 / 7, 0, 3.0 / 7 })]
    [InlineData(0.5, 1.0, 0, new[] { 1.0 / 30, 16.0 / 30, 4.0 / 30, 9.0 / 30 })]
    public void Frequencies_and_reported_log_probabilities_are_those_of_the_distribution(double temperature, double topP, int topK, double[] wanted)
    {
        const int draws = 20_000;
        TokenSampler sampler = new(4);
        int[] counts = new int[4];
        for (int n = 0; n < draws; n++)
        {
            (int id, float logProb) = sampler.Sample(Logits, new Sampling(temperature, topP, topK), Stream.DoubleAt(n));
            counts[id]++;
            Assert.Equal(Math.Log(wanted[id]), logProb, 1e-5);
        }
        for (int i = 0; i < 4; i++)
            Assert.InRange(counts[i] / (double)draws, wanted[i] - 0.015, wanted[i] + 0.015); // four standard deviations
    }

    [Theory]
    [InlineData(1.0, 1.0, 0, 4)]
    [InlineData(1.0, 1.0, 2, 4)]
    [InlineData(1.0, 0.69, 0, 4)]
    [InlineData(0.5, 1.0, 0, 4)]
    [InlineData(0.5, 1.0, 0, 16)]
    [InlineData(0.7, 1.0, 0, 53)]
    [InlineData(0.7, 0.8, 20, 53)]
    [InlineData(0.0, 1.0, 0, 53)]
    public void The_entropy_is_that_of_the_distribution_drawn_from(double temperature, double topP, int topK, int vocabulary)
    {
        float[] logits = [.. Enumerable.Range(0, vocabulary).Select(i => (float)(5 * Math.Sin(i * 1.7)))];
        Sampling sampling = new(temperature, topP, topK);
        TokenSampler sampler = new(vocabulary);
        // Written down from the definition: sort, cut, renormalise, sum.
        double[] p = [.. logits.Select(l => Math.Exp(l / (sampling.IsGreedy ? 1 : temperature)))];
        double all = p.Sum();
        int[] kept = [.. Enumerable.Range(0, vocabulary).OrderByDescending(i => p[i]).Take(topK > 0 ? topK : vocabulary)];
        all = kept.Sum(i => p[i]);
        int n = 0;
        for (double sum = 0; n < kept.Length && sum < topP * all;)
            sum += p[kept[n++]];
        kept = kept[..n];
        double total = kept.Sum(i => p[i]);
        double wanted = -kept.Sum(i => p[i] / total * Math.Log(p[i] / total));
        Assert.Equal(wanted, sampler.Sample(logits, sampling, 0.4).Entropy, 2e-5); // single precision, of a sum of up to 53 terms near 5
    }

    [Fact]
    public void Tokens_that_are_ruled_out_have_no_part_in_the_entropy()
    {
        float[] logits = [.. Enumerable.Range(0, 33).Select(i => i is 3 or 32 ? 2f : float.NegativeInfinity)];
        Assert.Equal(Math.Log(2), new TokenSampler(33).Sample(logits, new Sampling(), 0.1).Entropy, 1e-6);
        Assert.Equal(0f, new TokenSampler(4).Sample([0, 200, 0, 0], new Sampling(), 0.1).Entropy);
    }

    [Fact]
    public void Greedy_takes_the_lowest_id_of_a_tie_and_reports_temperature_one()
    {
        TokenSampler sampler = new(3);
        (int id, float logProb) = sampler.Sample([0, 1, 1], Sampling.Greedy, 0);
        Assert.Equal(1, id);
        Assert.Equal(-Math.Log(2 + Math.Exp(-1)), logProb, 1e-6);
        Assert.Equal(0, sampler.Sample([2, 2, 2], new Sampling(1, 1, 1), 0.99).Id);
        Assert.Equal(1, sampler.Sample([2, 2, 2], new Sampling(1, 0.5), 0.99).Id);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_not_finite_are_told(float bad)
    {
        TokenSampler sampler = new(3);
        Assert.Equal(-1, sampler.Sample([1, bad, 0], Sampling.Greedy, 0).Id);
        Assert.Equal(-1, sampler.Sample([1, 0, bad], new Sampling(), 0.5).Id);
        Assert.Equal(-1, sampler.Sample([bad, 0, 0], new Sampling(1, 0.5, 2), 0.5).Id);
    }

    [Fact]
    public void A_forced_token_reports_its_own_log_probability_and_none_where_it_is_left_out()
    {
        TokenSampler sampler = new(4);
        for (int id = 0; id < 4; id++)
            Assert.Equal(Math.Log(new[] { 0.1, 0.4, 0.2, 0.3 }[id]), sampler.Sample(Logits, new Sampling(), 0.99, id).LogProb, 1e-5);
        Assert.Equal(Math.Log(4.0 / 7), sampler.Sample(Logits, new Sampling(1, 1, 2), 0.99, 1).LogProb, 1e-5);
        Assert.Equal(new SampledToken(0, float.NegativeInfinity, sampler.Sample(Logits, new Sampling(1, 1, 2), 0).Entropy), sampler.Sample(Logits, new Sampling(1, 1, 2), 0, 0));
        Assert.Equal(Math.Log(0.3), sampler.Sample(Logits, Sampling.Greedy, 0, 3).LogProb, 1e-5);
    }

    [Fact]
    public void The_end_of_the_unit_interval_still_gives_a_token_that_is_kept()
    {
        TokenSampler sampler = new(4);
        Assert.Equal(3, sampler.Sample(Logits, new Sampling(), 1 - 1e-16).Id);
        Assert.Equal(1, sampler.Sample(Logits, new Sampling(1, 1, 1), 1 - 1e-16).Id);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(53)]
    [InlineData(512)]
    public void Every_id_of_a_larger_vocabulary_can_be_drawn_and_reports_its_own_log_probability(int vocabulary)
    {
        float[] logits = [.. Enumerable.Range(0, vocabulary).Select(i => (float)Math.Sin(i * 1.7))];
        double total = logits.Sum(l => Math.Exp(l / 0.7));
        TokenSampler sampler = new(vocabulary);
        double below = 0;
        for (int wanted = 0; wanted < vocabulary; wanted++)
        {
            double mass = Math.Exp(logits[wanted] / 0.7) / total;
            (int id, float logProb) = sampler.Sample(logits, new Sampling(0.7), below + (mass / 2));
            Assert.Equal(wanted, id);
            Assert.Equal(Math.Log(mass), logProb, 2e-6);
            below += mass;
        }
        (int best, _) = sampler.Sample(logits, Sampling.Greedy, 0);
        Assert.Equal(Array.IndexOf(logits, logits.Max()), best);
    }
}
