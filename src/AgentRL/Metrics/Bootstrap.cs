using AgentRL.Randomness;
using MathNet.Numerics.Statistics;

namespace AgentRL.Metrics;

/// <summary>A mean with its confidence interval.</summary>
/// <param name="Value">The mean; not a number where there is nothing.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Rows">Seeds that went into it.</param>
/// <param name="Columns">Tasks that went into it.</param>
public readonly record struct Estimate(double Value, double Low, double High, int Rows, int Columns)
{
    /// <summary>Whether the interval leaves 0 out.</summary>
    public bool IsApartFromZero => Low > 0 || High < 0;
}

/// <summary>
/// Bootstrap intervals (Efron 1979, percentiles) over two things at once: seeds, and tasks that all seeds share. Each replicate draws seeds with replacement
/// and, independently, tasks with replacement, and averages the cells where both meet (Owen 2007, the pigeonhole bootstrap; it errs on the wide side). With
/// one seed only tasks are drawn: the interval then says nothing about other seeds.
/// </summary>
public static class Bootstrap
{
    /// <summary>Replicates drawn.</summary>
    public const int Replicates = 2000;

    private const double Tail = 0.025;

    /// <summary>The mean of a table with its 95 % interval.</summary>
    /// <param name="cells">A row a seed, a column a task; not a number where a cell is unknown.</param>
    /// <param name="stream">Where the draws come from: the same stream and cells give the same interval.</param>
    /// <param name="range">
    /// Largest distance of two cells. Where all cells are equal the replicates are, too, though the spread is not known to be zero: then as many of the tasks may differ as
    /// Wilson's limit leaves possible.
    /// </param>
    public static Estimate Mean(IReadOnlyList<double[]> cells, RandomStream stream, double range = 1)
    {
        var columns = cells.Count == 0 ? 0 : cells.Max(r => r.Length);
        var known = cells.SelectMany(r => r).Where(v => !double.IsNaN(v)).ToList();
        if (known.Count == 0) return new Estimate(double.NaN, double.NaN, double.NaN, cells.Count, columns);
        var mean = known.Average();
        if (known.All(v => v == known[0]))
        {
            var margin = new Proportion(0, columns).Interval().High * range;
            return new Estimate(known[0], known[0] - margin, known[0] + margin, cells.Count, columns);
        }
        var replicates = new List<double>(Replicates);
        for (var b = 0; b < Replicates; b++)
        {
            var value = Replicate(cells, columns, stream.Derive(b).Sequence());
            if (!double.IsNaN(value)) replicates.Add(value);
        }
        double[] sorted = [.. replicates.Order()];
        return new Estimate(mean, SortedArrayStatistics.Quantile(sorted, Tail), SortedArrayStatistics.Quantile(sorted, 1 - Tail), cells.Count, columns);
    }

    /// <summary>A success rate: as <see cref="Mean"/>, kept inside [0, 1].</summary>
    public static Estimate Share(IReadOnlyList<double[]> cells, RandomStream stream)
    {
        var estimate = Mean(cells, stream);
        return estimate with { Low = Math.Max(0, estimate.Low), High = Math.Min(1, estimate.High) };
    }

    private static double Replicate(IReadOnlyList<double[]> cells, int columns, RandomSequence draws)
    {
        var rows = new int[cells.Count];
        for (var i = 0; i < rows.Length; i++) rows[draws.NextInt(0, rows.Length - 1)]++;
        var tasks = new int[columns];
        for (var i = 0; i < columns; i++) tasks[draws.NextInt(0, columns - 1)]++;
        var (sum, weight) = (0.0, 0.0);
        for (var r = 0; r < rows.Length; r++)
        {
            if (rows[r] == 0) continue;
            for (var t = 0; t < cells[r].Length; t++)
            {
                if (tasks[t] == 0 || double.IsNaN(cells[r][t])) continue;
                var times = (double)rows[r] * tasks[t];
                sum += times * cells[r][t];
                weight += times;
            }
        }
        return weight == 0 ? double.NaN : sum / weight;
    }
}
