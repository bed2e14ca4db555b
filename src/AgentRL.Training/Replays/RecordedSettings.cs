using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Rollouts;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Loop;

namespace AgentRL.Training.Replays;

/// <summary>What an archived episode ran under, told from the run's settings and the episode's phase.</summary>
/// <param name="inputs">The run's own settings.</param>
/// <param name="others">Settings of the evaluations whose phase begins with <see cref="Evaluator.OtherSettings"/>, which no archive holds; null where nobody has said them.</param>
internal sealed class RecordedSettings(RunInputs inputs, RunInputs? others)
{
    private readonly Dictionary<string, PhaseSettings?> known = new(StringComparer.Ordinal);

    /// <summary>The settings of a phase; null where they are not known.</summary>
    public PhaseSettings? Of(string phase)
    {
        lock (known)
        {
            if (!known.TryGetValue(phase, out var settings)) known.Add(phase, settings = Read(phase));
            return settings;
        }
    }

    private PhaseSettings? Read(string phase)
    {
        var own = inputs.Configuration;
        var rollout = new Sampling(own.Rollout.Temperature, own.Rollout.TopP, own.Rollout.TopK);
        if (phase == "train") return new PhaseSettings(own.Context, rollout);
        if (phase.Split('/') is not [var name, var split, var strategy, var rounds]) return null;
        if (SettingNames.Value<TaskSplit>(split) is not { } s || SettingNames.Value<ContextStrategyKind>(strategy) is not { } kind || !int.TryParse(rounds, out var allowed)) return null;
        return name switch
        {
            Evaluator.RunsOwn => Point(inputs, new Sampling(own.Evaluation.Temperature)),
            Evaluator.Sampled => Point(inputs, new Sampling(own.Rollout.Temperature)),
            Evaluator.OtherSettings when others is not null => Point(others, new Sampling(others.Configuration.Evaluation.Temperature)),
            _ => null,
        };

        PhaseSettings Point(RunInputs from, Sampling sampling) => new(Evaluator.Options(from.Configuration.Context, from.Tasks, s, allowed, kind), sampling);
    }
}

/// <summary>What the episodes of a phase ran under.</summary>
/// <param name="Context">Strategy and budgets.</param>
/// <param name="Sampling">The distribution of their turns.</param>
internal sealed record PhaseSettings(ContextOptions Context, Sampling Sampling);
