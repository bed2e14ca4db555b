using MathNet.Numerics.Distributions;

namespace AgentRL.Metrics;

/// <summary>A difference between two arms, with its confidence interval.</summary>
/// <param name="Value">The second arm less the first.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public readonly record struct PairedDifference(double Value, double Low, double High)
{
    /// <summary>
    /// The difference of two success rates over independent pairs: Newcombe's interval (1998, Statistics in Medicine 17, method 10), which squares and adds the
    /// distances to the Wilson limits of each arm and takes their correlation off. Stays inside [−1, 1], also for few pairs.
    /// </summary>
    /// <param name="both">Pairs in which both arms succeeded.</param>
    /// <param name="firstOnly">Pairs in which the first did.</param>
    /// <param name="secondOnly">Pairs in which the second did.</param>
    /// <param name="neither">Pairs in which none did.</param>
    public static PairedDifference OfSuccess(int both, int firstOnly, int secondOnly, int neither)
    {
        var n = both + firstOnly + secondOnly + neither;
        if (n == 0) return new PairedDifference(double.NaN, -1, 1);
        var (first, second) = (new Proportion(both + firstOnly, n), new Proportion(both + secondOnly, n));
        var ((l1, u1), (l2, u2)) = (first.Interval(), second.Interval());
        var value = (double)(secondOnly - firstOnly) / n;
        var margins = (double)(both + firstOnly) * (secondOnly + neither) * (both + secondOnly) * (firstOnly + neither);
        var cross = ((double)both * neither) - ((double)firstOnly * secondOnly);
        if (cross > 0) cross = Math.Max(0, cross - (n / 2.0)); // Newcombe's correction for continuity
        var correlation = margins == 0 ? 0 : cross / Math.Sqrt(margins);
        return new PairedDifference(value, value - Distance(second.Value - l2, u1 - first.Value), value + Distance(u2 - second.Value, first.Value - l1));

        double Distance(double a, double b) => Math.Sqrt(Math.Max(0, (a * a) - (2 * correlation * a * b) + (b * b)));
    }

    /// <summary>
    /// The mean of differences of independent units (pairs, or an episode's mean over its pairs), with Student's interval. Where no two differences differ,
    /// the spread is not known to be zero: then each unit is taken to differ with the probability that so many equal ones leave possible (Wilson's limit).
    /// </summary>
    /// <param name="differences">One a unit.</param>
    /// <param name="range">Largest difference that is possible.</param>
    public static PairedDifference OfMeans(IReadOnlyList<double> differences, double range)
    {
        var n = differences.Count;
        if (n == 0) return new PairedDifference(double.NaN, -range, range);
        var mean = differences.Average();
        var variance = n < 2 ? 0 : differences.Sum(d => (d - mean) * (d - mean)) / (n - 1);
        var half = variance > 0
            ? StudentT.InvCDF(0, 1, n - 1, 0.975) * Math.Sqrt(variance / n)
            : new Proportion(0, n).Interval().High * range;
        return new PairedDifference(mean, Math.Max(-range, mean - half), Math.Min(range, mean + half));
    }
}
