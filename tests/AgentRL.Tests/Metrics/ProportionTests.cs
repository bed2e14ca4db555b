using AgentRL.Metrics;
using CsCheck;

namespace AgentRL.Tests.Metrics;

public class ProportionTests
{
    // Worked out from Wilson's formula with z = 1.959964; 0/10 and 10/10 have the closed form z²/(n + z²) = 3.841459/13.841459.
    [Theory]
    [InlineData(0, 10, 0.0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1.0)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(1, 10, 0.0179, 0.4042)]
    [InlineData(81, 263, 0.2553, 0.3662)] // Newcombe (1998), table I, score method
    [InlineData(15, 148, 0.0624, 0.1605)] // as above
    [InlineData(0, 20, 0.0, 0.1611)] // as above
    [InlineData(1, 29, 0.0061, 0.1718)] // as above
    public void The_interval_equals_published_values_at_95_percent(int successes, int trials, double low, double high)
    {
        var interval = new Proportion(successes, trials).Interval();
        Assert.Equal(low, interval.Low, 0.5e-4); // the published digits
        Assert.Equal(high, interval.High, 0.5e-4);
    }

    [Fact]
    public void Nothing_tried_says_nothing()
    {
        Assert.True(double.IsNaN(new Proportion(0, 0).Value));
        Assert.Equal((0, 1), new Proportion(0, 0).Interval());
    }

    [Fact]
    public void The_interval_lies_in_the_unit_interval_holds_the_share_mirrors_and_widens_with_confidence() =>
        Gen.Int[1, 2000].SelectMany(n => Gen.Int[0, n].Select(k => (k, n))).Sample(x =>
        {
            var (low, high) = new Proportion(x.k, x.n).Interval();
            Assert.True(low is >= 0 and <= 1 && high is >= 0 and <= 1);
            Assert.InRange(new Proportion(x.k, x.n).Value, low - 1e-12, high + 1e-12); // at 0 and n the bounds are 0 and 1 up to rounding
            var mirrored = new Proportion(x.n - x.k, x.n).Interval();
            Assert.Equal(low, 1 - mirrored.High, 1e-12);
            var wider = new Proportion(x.k, x.n).Interval(0.99);
            Assert.True(wider.Low <= low + 1e-12 && wider.High >= high - 1e-12);
        });
}
