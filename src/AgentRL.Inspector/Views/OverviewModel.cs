using AgentRL.Inspector.Runs;

namespace AgentRL.Inspector.Views;

/// <summary>What the overview shows: the newest figures, the charts, the evaluations.</summary>
public sealed class OverviewModel
{
    internal OverviewModel(IReadOnlyList<MetricRow> rows, IReadOnlyList<Sweep> sweeps, long? episodes)
    {
        Rows = rows;
        Sweeps = sweeps;
        Episodes = episodes;
        Train = [.. rows.Where(r => r.Phase == "train")];
        WarmStart = [.. rows.Where(r => r.Phase == "warm_start")];
        Evaluations = [.. rows.Where(r => r.Phase.StartsWith("eval", StringComparison.Ordinal))];
        Charts = [.. TrainCharts().OfType<Chart>()];
        WarmCharts = [.. WarmStartCharts().OfType<Chart>()];
    }

    public IReadOnlyList<MetricRow> Rows { get; }

    public IReadOnlyList<MetricRow> Train { get; }

    public IReadOnlyList<MetricRow> WarmStart { get; }

    public IReadOnlyList<MetricRow> Evaluations { get; }

    public IReadOnlyList<Sweep> Sweeps { get; }

    /// <summary>Episodes in the archive; null where there is none.</summary>
    public long? Episodes { get; }

    public IReadOnlyList<Chart> Charts { get; }

    public IReadOnlyList<Chart> WarmCharts { get; }

    private IEnumerable<Chart?> TrainCharts()
    {
        var success = Chart.Of("Success", Train, ("success", "training, sampled"));
        var greedy = Evaluations.Where(r => r.Phase == "eval" && r["success"] is not null)
            .GroupBy(r => (r.Texts.GetValueOrDefault("split"), r.Texts.GetValueOrDefault("context"), r.Texts.GetValueOrDefault("rounds_allowed")))
            .OrderByDescending(g => g.Count()).FirstOrDefault();
        if (success is not null && greedy is not null)
        {
            var points = greedy.GroupBy(r => r.Step).OrderBy(g => g.Key).Select(g => (g.Key, g.Last()["success"]!.Value)).ToList();
            success = success with { Lines = [.. success.Lines, new ChartLine("evaluation, greedy", "success", points)] };
        }
        yield return success is null ? null : success with { IsShare = true };
        yield return Chart.Of("Reward and return", Train, ("reward", "reward"), ("return", "return"));
        yield return Chart.Of(
            "Reward parts", Train, [.. Names("reward/"), ("penalty/context_overflow", "context overflow"), ("penalty/redundancy", "redundancy"), ("penalty/format", "format")]);
        yield return Share(Chart.Of("Endings", Train, [.. Names("outcome/")]), onlyWhatHappens: true);
        yield return Chart.Of("Working context, tokens", Train, ("peak_working_context", "peak"), ("mean_working_context", "mean"), ("context_threshold", "threshold τ"));
        yield return Share(Chart.Of("Below the threshold", Train, ("below_threshold", "whole episode"), ("below_threshold_after_turns", "after turns")));
        yield return Chart.Of("Rounds and turns", Train, ("rounds", "rounds"), ("turns", "turns"), ("discarded_turns", "discarded turns"));
        yield return Chart.Of("Reads and writes an episode", Train, ("reads", "reads"), ("writes", "writes"), ("dead_writes", "never read"), ("overwrites", "overwritten"));
        yield return Share(Chart.Of("Reads used, writes dead", Train, ("used_read_share", "reads used"), ("dead_write_share", "writes never read")));
        yield return Chart.Of("Summaries, tokens", Train, ("summary_tokens", "length"), ("compression_ratio", "replaced, for each"));
        yield return Share(Chart.Of("Faulty calls", Train, ("malformed_calls", "malformed"), ("refused_calls", "refused"), ("observations_cut", "observations cut")));
        yield return Chart.Of("Entropy, nats", Train, ("entropy", "entropy"));
        yield return Chart.Of("KL to the policy that sampled", Train, ("approx_kl_k1", "k1"), ("approx_kl_k3", "k3"), ("kl", "to the reference"));
        yield return Share(Chart.Of("Clip fraction", Train, ("clip_fraction", "clipped")), whole: false);
        yield return Chart.Of("Gradient norm", Train, ("gradient_norm", "before clipping"));
        yield return Chart.Of("Loss", Train, ("loss", "loss"));
        yield return Chart.Of(
            "Mismatch of engine and learner", Train, ("mismatch_logprob_max", "log-probability, largest"), ("mismatch_logprob_mean", "mean"), ("mismatch_kl", "KL"));
        yield return Chart.Of("Time a step, seconds", Train, [.. Names("seconds/")]);
        yield return Chart.Of("Memory, MiB", Train, ("memory/resident_mb", "resident"), ("memory/peak_mb", "peak"));
    }

    private IEnumerable<Chart?> WarmStartCharts()
    {
        yield return Chart.Of("Loss", WarmStart, ("loss", "loss"));
        yield return Chart.Of("Gradient norm", WarmStart, ("gradient_norm", "before clipping"));
        yield return Chart.Of("Learning rate", WarmStart, ("learning_rate", "learning rate"));
    }

    private static Chart? Share(Chart? chart, bool onlyWhatHappens = false, bool whole = true)
    {
        if (chart is null) return null;
        var lines = onlyWhatHappens ? chart.Lines.Where(l => l.Points.Any(p => p.Value > 0)).ToList() : chart.Lines;
        return lines.Count == 0 ? null : chart with { Lines = lines, IsShare = whole };
    }

    private List<(string, string)> Names(string beginning) =>
        [.. Train.SelectMany(r => r.Numbers.Keys).Distinct().Where(n => n.StartsWith(beginning, StringComparison.Ordinal))
            .Select(n => (n, n[beginning.Length..].Replace('_', ' ')))];
}
