using System.Collections;

namespace AgentRL.Training.Configuration;

/// <summary>A setting that a run is to go on with, other than the one that it was begun with.</summary>
/// <param name="Key">The setting, for example <c>training.steps</c>.</param>
/// <param name="Before">Its value so far, as YAML.</param>
/// <param name="After">The new value.</param>
/// <param name="ChangesPast">Whether what was done so far would have come out otherwise with it: such a run would be neither the old nor a new one.</param>
public sealed record ConfigurationChange(string Key, string Before, string After, bool ChangesPast)
{
    private const string Nothing = "nothing";

    /// <summary>Settings that say how a run is carried out, what is kept of it, and what is measured at its end; no number of a step depends on them, but by rounding (<c>training</c>).</summary>
    private static readonly HashSet<string> LeaveThePast =
    [
        "checkpoint.every", "checkpoint.keep", "logging.tensorboard", "rollout.concurrency", "rollout.workers", "rollout.cache_mib", "rollout.retries",
        "rollout.environment_timeout_seconds", "training.micro_batch_tokens", "training.threads", "training.stop_after_non_finite", "evaluation.rounds", "evaluation.splits", "evaluation.contexts",
        "watchdog.warn_after_seconds", "watchdog.stop_after_seconds",
    ];

    /// <summary>For example <c>training.steps: 100 → 200</c>.</summary>
    public override string ToString() => $"{Key}: {Before} → {After}";

    /// <summary>All differences between two configurations, in the order of the settings.</summary>
    /// <param name="kept">What the run was begun with.</param>
    /// <param name="wanted">What it is to go on with.</param>
    /// <param name="stepsDone">Training steps done.</param>
    public static IReadOnlyList<ConfigurationChange> Between(RunConfiguration kept, RunConfiguration wanted, int stepsDone)
    {
        var (before, after) = (Flat(kept), Flat(wanted));
        var known = before.ToDictionary(s => s.Key, s => s.Value);
        var now = after.ToDictionary(s => s.Key, s => s.Value);
        return [.. before.Concat(after).Select(s => s.Key).Distinct()
            .Select(key => (Key: key, Before: known.GetValueOrDefault(key, Nothing), After: now.GetValueOrDefault(key, Nothing))).Where(s => s.Before != s.After)
            .Select(s => new ConfigurationChange(s.Key, s.Before, s.After, !(LeaveThePast.Contains(s.Key) || (s.Key == "training.steps" && MayEndLater(wanted, stepsDone)))))];
    }

    /// <summary>A learning rate that falls to the end was another one all along, with another end.</summary>
    private static bool MayEndLater(RunConfiguration wanted, int stepsDone) => wanted.Training.FinalLearningRateShare == 1 && wanted.Training.Steps >= stepsDone;

    private static List<(string Key, string Value)> Flat(RunConfiguration configuration)
    {
        var all = new List<(string, string)>();
        Section(configuration, "");
        return all;

        void Section(object record, string prefix)
        {
            foreach (var setting in SettingSchema.Of(record.GetType())) Value(setting.Property.GetValue(record), prefix + setting.Key);
        }

        void Value(object? value, string key)
        {
            switch (value)
            {
                case IReadOnlyDictionary<string, int> numbers:
                    foreach (var (name, number) in numbers.OrderBy(n => n.Key, StringComparer.Ordinal)) Value(number, $"{key}.{name}");
                    break;
                case IList list when list.Count > 0 && SettingSchema.IsSection(list[0]!.GetType()):
                    for (var i = 0; i < list.Count; i++) Section(list[i]!, $"{key}[{i}].");
                    break;
                case IList list:
                    all.Add((key, $"[{string.Join(", ", list.Cast<object>().Select(Scalars.Text))}]"));
                    break;
                case not null when SettingSchema.IsSection(value.GetType()):
                    Section(value, key + ".");
                    break;
                default:
                    all.Add((key, Scalars.Text(value)));
                    break;
            }
        }
    }
}
