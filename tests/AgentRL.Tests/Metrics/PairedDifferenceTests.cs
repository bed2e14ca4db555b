using AgentRL.Metrics;

namespace AgentRL.Tests.Metrics;

public class PairedDifferenceTests
{
    /// <summary>The limits come from another implementation of the formula (Newcombe 1998, method 10), in Python, with the arms the other way round.</summary>
    [Theory]
    [InlineData(36, 12, 2, 0, -0.20, -0.340427603, -0.056929584)]
    [InlineData(20, 12, 2, 16, -0.20, -0.329206995, -0.056156425)]
    [InlineData(36, 12, 0, 2, -0.24, -0.373495560, -0.114407980)]
    [InlineData(19, 1, 0, 30, -0.02, -0.075446737, 0.035399565)]
    public void The_interval_of_success_is_newcombes(int both, int first, int second, int neither, double value, double low, double high)
    {
        var difference = PairedDifference.OfSuccess(both, first, second, neither);
        Assert.Equal(value, difference.Value, 1e-12);
        Assert.Equal(low, difference.Low, 1e-8);
        Assert.Equal(high, difference.High, 1e-8);
    }

    [Fact]
    public void Arms_that_never_differ_have_difference_zero_and_an_interval_around_it_that_shrinks()
    {
        var (few, many) = (PairedDifference.OfSuccess(4, 0, 0, 4), PairedDifference.OfSuccess(400, 0, 0, 400));
        Assert.Equal((0.0, 0.0), (few.Value, many.Value));
        Assert.True(few.Low <= 0 && few.High >= 0 && many.High - many.Low < few.High - few.Low);
        Assert.InRange(many.High, 0, 0.02);
    }

    [Fact]
    public void Swapping_the_arms_turns_the_interval_round()
    {
        var (one, other) = (PairedDifference.OfSuccess(3, 7, 2, 5), PairedDifference.OfSuccess(3, 2, 7, 5));
        Assert.Equal((one.Value, one.Low, one.High), (-other.Value, -other.High, -other.Low));
        Assert.InRange(one.Low, -1, one.Value);
        Assert.InRange(one.High, one.Value, 1);
    }

    [Fact]
    public void The_interval_of_means_is_students()
    {
        // Mean 2, sample deviation 1 over n = 3: half width t(2, 0.975) / sqrt 3 = 4.302653 / 1.732051.
        var difference = PairedDifference.OfMeans([1, 2, 3], 100);
        Assert.Equal(2, difference.Value);
        Assert.Equal(2 - 2.484138, difference.Low, 1e-6);
        Assert.Equal(2 + 2.484138, difference.High, 1e-6);
    }

    [Fact]
    public void Equal_differences_do_not_pass_for_certainty()
    {
        var difference = PairedDifference.OfMeans([0, 0, 0, 0, 0], 1);
        Assert.Equal(0, difference.Value);
        Assert.Equal(new Proportion(0, 5).Interval().High, difference.High, 1e-12);
        Assert.Equal(-difference.High, difference.Low, 1e-12);
        Assert.Equal(-1, PairedDifference.OfMeans([-1, -1], 1).Low);
        Assert.True(double.IsNaN(PairedDifference.OfMeans([], 1).Value) && double.IsNaN(PairedDifference.OfSuccess(0, 0, 0, 0).Value));
    }
}
