using AgentRL.Credit;
using AgentRL.Episodes;

namespace AgentRL.Lineage;

/// <summary>
/// The lineage of a run, gathered one episode at a time in the order of its archive: what is kept does not grow with the episodes, only with steps and phases.
/// </summary>
/// <param name="options">How the run turned episodes into gradients.</param>
public sealed class RunLineage(AlgorithmOptions options)
{
    private const string Training = "train";

    private readonly Dictionary<(string Phase, int Step), LineagePart> parts = [];
    private GradientMeter? meter;
    private (string Phase, int Step) measuring;

    /// <summary>Takes the archive's next episode.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="counts">Whether it counts in the rates. One that does not still counts in the N of its step's gradient.</param>
    public void Add(Episode episode, bool counts = true)
    {
        var key = (episode.Key.Phase, episode.Key.Step);
        if (key != measuring) CloseStep();
        if (episode.Advantage is not null)
        {
            measuring = key;
            (meter ??= new GradientMeter(options)).Add(episode, counts);
        }
        if (!counts) return;
        Put(key, LineageRates.Of(episode, EpisodeLineage.Of(episode)), GradientShares.None);
    }

    /// <summary>The rates: training in equal stretches of steps, then every other phase by its step.</summary>
    /// <param name="stretches">How many stretches training is cut into, at most.</param>
    public IReadOnlyList<LineagePart> Parts(int stretches = 1)
    {
        CloseStep();
        var steps = parts.Values.Where(p => p.Phase == Training).OrderBy(p => p.StepFrom).ToList();
        var cut = Math.Clamp(stretches, 1, Math.Max(1, steps.Count));
        var training = steps.Count == 0 ? [] : Enumerable.Range(0, cut).Select(i => Join(steps[(i * steps.Count / cut)..((i + 1) * steps.Count / cut)]));
        return [.. training, .. parts.Values.Where(p => p.Phase != Training).OrderBy(p => p.Phase, StringComparer.Ordinal).ThenBy(p => p.StepFrom)];
    }

    private void CloseStep()
    {
        if (meter is null) return;
        var shares = meter.Measure();
        if (shares != GradientShares.None) Put(measuring, LineageRates.None, shares);
        meter = null;
    }

    private void Put((string Phase, int Step) key, LineageRates rates, GradientShares gradient)
    {
        var old = parts.GetValueOrDefault(key) ?? new LineagePart(key.Phase, key.Step, key.Step, LineageRates.None, GradientShares.None);
        parts[key] = old with { Rates = old.Rates + rates, Gradient = old.Gradient + gradient };
    }

    private static LineagePart Join(List<LineagePart> some) => some[0] with
    {
        StepTo = some[^1].StepTo,
        Rates = some.Aggregate(LineageRates.None, (sum, p) => sum + p.Rates),
        Gradient = some.Aggregate(GradientShares.None, (sum, p) => sum + p.Gradient),
    };
}

/// <summary>The lineage of part of a run.</summary>
/// <param name="Phase">Phase of its episodes.</param>
/// <param name="StepFrom">First step.</param>
/// <param name="StepTo">Last step.</param>
/// <param name="Rates">Counts and rates.</param>
/// <param name="Gradient">Shares of the policy gradient's weight; each step's weights count as they were in its update.</param>
public sealed record LineagePart(string Phase, int StepFrom, int StepTo, LineageRates Rates, GradientShares Gradient);
