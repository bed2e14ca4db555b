namespace AgentRL.Environments;

/// <summary>Which environments a run draws its tasks from, in which proportion, and how hard they are.</summary>
/// <param name="Definition">The environment.</param>
/// <param name="Settings">Values for all of its settings.</param>
/// <param name="Weight">Its share, relative to the others'.</param>
public sealed record TaskMix(IEnvironmentDefinition Definition, IReadOnlyDictionary<string, int> Settings, double Weight);

/// <summary>
/// The run's tasks: the n-th task of a split is a pure function of the mix and n. The environment is picked by the fractional part of a
/// low-discrepancy sequence, so that every stretch of tasks has the mix's proportions.
/// </summary>
public sealed class TaskSource
{
    private const double GoldenRatioConjugate = 0.618033988749894848;
    private readonly IReadOnlyList<TaskMix> mix;
    private readonly Rendering rendering;
    private readonly double total;

    /// <summary>A source over a mix.</summary>
    /// <exception cref="ArgumentException">The mix is empty or a weight is not positive.</exception>
    public TaskSource(IReadOnlyList<TaskMix> mix, Rendering rendering)
    {
        if (mix.Count == 0 || mix.Any(m => !(m.Weight > 0))) throw new ArgumentException("At least one environment with a positive weight is needed.", nameof(mix));
        this.mix = mix;
        this.rendering = rendering;
        total = mix.Sum(m => m.Weight);
    }

    /// <summary>The environments of the mix.</summary>
    public IReadOnlyList<TaskMix> Mix => mix;

    /// <summary>A fresh environment of the n-th task of a split.</summary>
    public IEnvironment Create(TaskSplit split, int index)
    {
        var point = ((index + 1) * GoldenRatioConjugate % 1) * total;
        var chosen = mix[^1];
        foreach (var part in mix)
        {
            if (point < part.Weight)
            {
                chosen = part;
                break;
            }
            point -= part.Weight;
        }
        return chosen.Definition.Create(chosen.Definition.Draw(split, index, rendering, chosen.Settings));
    }
}
