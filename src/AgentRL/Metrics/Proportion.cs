using MathNet.Numerics.Distributions;

namespace AgentRL.Metrics;

/// <summary>A share with its Wilson score interval (Wilson 1927), which stays inside [0, 1] and is sound for shares near 0 and 1.</summary>
/// <param name="Successes">How many succeeded.</param>
/// <param name="Trials">Of how many.</param>
public readonly record struct Proportion(int Successes, int Trials)
{
    /// <summary>The share; not a number for no trials.</summary>
    public double Value => Trials == 0 ? double.NaN : (double)Successes / Trials;

    /// <summary>The confidence interval.</summary>
    /// <param name="confidence">For example 0.95.</param>
    public (double Low, double High) Interval(double confidence = 0.95)
    {
        if (Trials == 0) return (0, 1);
        var z = Normal.InvCDF(0, 1, 0.5 + (confidence / 2));
        var (n, p) = ((double)Trials, Value);
        var centre = (p + (z * z / (2 * n))) / (1 + (z * z / n));
        var half = z / (1 + (z * z / n)) * Math.Sqrt((p * (1 - p) / n) + (z * z / (4 * n * n)));
        // At the ends the interval touches 0 or 1 exactly; rounding must not hide it.
        return (Successes == 0 ? 0 : centre - half, Successes == Trials ? 1 : centre + half);
    }
}
