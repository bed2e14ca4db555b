using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Health;
using AgentRL.Metrics;
using AgentRL.Tokens;
using AgentRL.Training.Reporting;

namespace AgentRL.Training.Loop;

/// <summary>Looks at every step's health: counts for the metrics, and a line when a warning begins. One that lasts, or comes and goes, is not repeated.</summary>
/// <param name="algorithm">What a group's signal is.</param>
/// <param name="tokenizer">Reads prompts.</param>
/// <param name="reporter">Is told of warnings.</param>
/// <param name="entropyAtStart">Of the first step; null where there has been none yet.</param>
internal sealed class HealthMonitor(AlgorithmOptions algorithm, ITokenizer tokenizer, IRunReporter reporter, double? entropyAtStart)
{
    private const int Forgotten = 10; // steps without a warning, after which it is news again

    private readonly Dictionary<string, int> warned = new(StringComparer.Ordinal); // the newest step

    /// <summary>Mean entropy of the first step whose episodes have it.</summary>
    public double? EntropyAtStart { get; private set; } = entropyAtStart;

    /// <summary>Looks at a step.</summary>
    /// <returns><c>health/NAME</c>, the number of cases, for each finding, and <c>health/warnings</c>.</returns>
    public IReadOnlyList<Metric> Look(int step, IReadOnlyList<Episode> episodes)
    {
        EntropyAtStart ??= CollapseDetectors.MeanEntropy(episodes);
        var findings = HealthCheck.Of(episodes, algorithm, tokenizer, EntropyAtStart);
        foreach (var finding in findings.Where(f => f.Warning is not null))
        {
            if (!warned.TryGetValue(finding.Name, out var last) || step - last > Forgotten) reporter.Message($"warning at step {step}: {finding.Warning}");
            warned[finding.Name] = step;
        }
        return [.. findings.Select(f => new Metric($"health/{f.Name}", f.Cases)), new("health/warnings", findings.Count(f => f.Warning is not null))];
    }
}
