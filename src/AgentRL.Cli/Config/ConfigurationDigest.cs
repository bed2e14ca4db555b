using System.Globalization;
using AgentRL.Contexts;
using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Config;

/// <summary>A configuration in a few lines: what its numbers amount to.</summary>
internal static class ConfigurationDigest
{
    public static void Write(string file, RunConfiguration configuration, TextWriter output)
    {
        output.WriteLine($"{file}: ok");
        Line(output, "policy", Policy(configuration));
        foreach (var task in configuration.Environment.Tasks)
        {
            var settings = string.Join(", ", task.Settings.Select(s => $"{s.Key} {s.Value}"));
            var share = task.Weight / configuration.Environment.Tasks.Sum(t => t.Weight);
            Line(output, "task", string.Create(CultureInfo.InvariantCulture, $"{task.Name}, {share * 100:0.#} %{(settings.Length == 0 ? "" : ": ")}{settings}"));
        }
        Line(output, "context", Context(configuration.Context));
        var warm = configuration.WarmStart;
        Line(output, "warm start", warm.Steps == 0 ? "none" : $"{warm.Steps} steps × {warm.EpisodesPerStep} demonstrations");
        var training = configuration.Training;
        Line(output, "training", $"{training.Steps} steps × {training.TasksPerStep} tasks × {training.GroupSize} episodes = {(long)training.Steps * training.TasksPerStep * training.GroupSize} episodes");
        var evaluation = configuration.Evaluation;
        var rounds = string.Join(", ", evaluation.Rounds);
        Line(output, "evaluation", $"{evaluation.FinalEpisodes} episodes a point; rounds {(rounds.Length == 0 ? "of training" : rounds)}; splits {string.Join(", ", evaluation.Splits.Select(s => SettingNames.Of(s)))}");
        Line(output, "config_sha256", ConfigurationWriter.Sha256(configuration));
    }

    private static string Policy(RunConfiguration configuration)
    {
        var model = configuration.Model;
        return model.Path is not null ? model.Path : $"new: {model.Layers} layers of width {model.HiddenSize}, {model.Heads} heads ({model.KvHeads} for keys and values) of {model.HeadSize}";
    }

    private static string Context(ContextOptions context)
    {
        var strategy = SettingNames.Of(context.Strategy);
        return context.Strategy is ContextStrategyKind.Full or ContextStrategyKind.Truncate
            ? $"{strategy}, {context.WorkingContext} tokens"
            : $"{strategy}, effective {context.WorkingContext} × ({context.MaxRounds} + 1) = {(long)context.WorkingContext * (context.MaxRounds + 1)} tokens; compression from {context.CompressionThreshold}";
    }

    private static void Line(TextWriter output, string name, string text) => output.WriteLine($"  {name,-14} {text}");
}
