using AgentRL.Metrics;
using AgentRL.Randomness;
using MathNet.Numerics.Distributions;

namespace AgentRL.Tests.Metrics;

public class BootstrapTests
{
    private static readonly RandomStream Stream = RandomStream.Root(0, "bootstrap tests");

    [Theory]
    [InlineData(200, 40)]
    [InlineData(50, 45)]
    public void Over_the_tasks_of_one_seed_replicates_are_binomial(int tasks, int solved)
    {
        // Drawing tasks with replacement draws successes from Binomial(tasks, solved / tasks), whose quantiles are known. 2000 replicates place a
        // 2.5 % quantile within a standard error of √(0.025 · 0.975 / 2000) = 0.35 % of probability: four of them are 1.1 % to 3.9 %.
        double[] row = [.. Enumerable.Range(0, tasks).Select(t => t < solved ? 1.0 : 0)];
        var estimate = Bootstrap.Share([row], Stream);
        var p = (double)solved / tasks;
        Assert.Equal(p, estimate.Value, 12);
        Assert.InRange(Math.Round(estimate.Low * tasks, 9), Quantile(0.011), Quantile(0.039));
        Assert.InRange(Math.Round(estimate.High * tasks, 9), Quantile(0.961), Quantile(0.989));

        int Quantile(double at) => Enumerable.Range(0, tasks + 1).First(k => Binomial.CDF(p, tasks, k) >= at);
    }

    [Fact]
    public void Seeds_that_disagree_widen_the_interval_however_many_tasks_there_are()
    {
        // Of two seeds, one solves all and the other none: a quarter of the replicates draws the first twice, a quarter the second twice.
        double[][] cells = [[.. Enumerable.Repeat(1.0, 1000)], [.. Enumerable.Repeat(0.0, 1000)]];
        Assert.Equal(new Estimate(0.5, 0, 1, 2, 1000), Bootstrap.Share(cells, Stream));
    }

    [Fact]
    public void Tasks_that_are_hard_for_all_seeds_are_not_taken_for_many_independent_ones()
    {
        // Five equal rows know no more than one: the interval is that of 100 tasks, not of 500.
        double[] row = [.. Enumerable.Range(0, 100).Select(t => t % 2 == 0 ? 1.0 : 0)];
        var one = Bootstrap.Share([row], Stream);
        var five = Bootstrap.Share([row, row, row, row, row], Stream);
        Assert.InRange((five.High - five.Low) / (one.High - one.Low), 0.85, 1.15); // quantiles of 2000 replicates: each end within some 5 % of the width
    }

    [Fact]
    public void A_difference_of_pairs_is_narrower_than_its_arms_where_tasks_decide()
    {
        double[] difference = [.. Enumerable.Range(0, 200).Select(t => t < 4 ? 1.0 : 0)]; // 4 of 200 tasks won, none lost
        var estimate = Bootstrap.Mean([difference], Stream);
        Assert.Equal(0.02, estimate.Value, 12);
        Assert.True(estimate.Low >= 0 && estimate.High < 0.05, $"{estimate}");
    }

    [Fact]
    public void Cells_that_are_all_equal_leave_as_much_open_as_so_many_tasks_do()
    {
        double[] row = [.. Enumerable.Repeat(1.0, 200)];
        var share = Bootstrap.Share([row, row], Stream);
        Assert.Equal((1, 1), (share.Value, share.High));
        Assert.Equal(new Proportion(200, 200).Interval().Low, share.Low, 9);
        Assert.False(Bootstrap.Mean([[0, 0, 0]], Stream).IsApartFromZero);
    }

    [Fact]
    public void Unknown_cells_count_for_nothing()
    {
        Assert.Equal(0.5, Bootstrap.Share([[1, double.NaN, 0], [double.NaN]], Stream).Value);
        Assert.True(double.IsNaN(Bootstrap.Share([[double.NaN]], Stream).Value));
        Assert.True(double.IsNaN(Bootstrap.Share([], Stream).Value));
    }

    [Fact]
    public void The_same_stream_gives_the_same_interval_and_another_one_another()
    {
        double[] row = [.. Enumerable.Range(0, 37).Select(t => (t * 7 % 11) / 10.0)];
        Assert.Equal(Bootstrap.Mean([row, row[..20]], Stream), Bootstrap.Mean([row, row[..20]], Stream));
        Assert.NotEqual(Bootstrap.Mean([row], Stream), Bootstrap.Mean([row], Stream.Derive(1)));
    }
}
