using System.Globalization;
using System.Text;
using AgentRL.Training;
using AgentRL.Training.Experiments;

namespace AgentRL.Cli.Experiments;

/// <summary>The README's table of results: made from the files of all experiments, between two markers.</summary>
internal static class ReadmeTable
{
    /// <summary>What stands before the table.</summary>
    public const string Begin = "<!-- experiments: made by agentrl report --readme -->";

    /// <summary>What stands behind it.</summary>
    public const string End = "<!-- /experiments -->";

    /// <summary>The table of all experiments below a folder.</summary>
    public static string Markdown(string folder)
    {
        var text = new StringBuilder();
        var rows = new List<IReadOnlyList<string>>();
        var missing = new List<string>();
        foreach (var file in Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(f => Path.Combine(f, "sweep.yaml")).Where(File.Exists))
        {
            var experiment = Path.GetDirectoryName(file)!;
            var name = Path.GetFileName(experiment);
            var options = ExperimentLoader.Read(file);
            var data = ExperimentData.Load(name, options, ExperimentPlan.ResultsOf(experiment));
            if (options.Evaluations.Count == 0 || data.Arms.Count == 0) missing.Add(Link(name));
            else rows.AddRange(Rows(data, Link(name), options.Evaluations[0].Name));
        }
        if (rows.Count > 0)
        {
            text.Append(ExperimentTables.Table(new(["experiment", "arm", "tasks", "seeds × tasks", "success [95 %]", "difference, points", "commit"], rows)));
            text.Append("\nEach row is made by `agentrl sweep` with the `sweep.yaml` of its folder, this table by `agentrl report --readme`. Intervals: bootstrap over seeds and tasks together, Wilson's where all outcomes are equal; differences are to the reference arm on the same seeds and tasks, bold where the interval leaves 0 out.\n");
        }
        if (missing.Count > 0) text.Append(CultureInfo.InvariantCulture, $"{(rows.Count > 0 ? "\n" : "")}Not run yet: {string.Join(", ", missing)}.\n");
        return text.ToString();
    }

    /// <summary>A file's text with another table.</summary>
    /// <exception cref="BadInputException">The file has no markers.</exception>
    public static string Replace(string readme, string table)
    {
        var text = File.Exists(readme) ? File.ReadAllText(readme) : throw new BadInputException($"there is no {readme} here; run this in the repository's folder");
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new BadInputException($"{readme}: the table stands between the lines '{Begin}' and '{End}', and there are none");
        return $"{text[..(begin + Begin.Length)]}\n\n{table}\n{text[end..]}";
    }

    private static string Link(string name) => $"[{name}](experiments/{name}/README.md)";

    /// <summary>Each arm at its rounds of training, and where more were measured at the most.</summary>
    private static IEnumerable<IReadOnlyList<string>> Rows(ExperimentData data, string link, string measurement)
    {
        foreach (var arm in data.Arms)
        {
            if (arm.TrainingPoint(measurement, null) is not { } training) continue;
            var most = arm.Keys(measurement).Where(k => k.Context is null).MaxBy(k => k.Rounds);
            yield return Row(arm, training, measurement);
            if (most.Rounds > training.Rounds) yield return Row(arm, most, $"{measurement}, {most.Rounds} rounds");
        }

        IReadOnlyList<string> Row(ArmResults arm, PointKey key, string tasks)
        {
            var success = data.Success(arm, key);
            return
            [
                link, arm.Name, tasks, $"{success.Rows} × {success.Columns}", ExperimentTables.Share(success), data.ReferenceOf(arm) == arm ? "(reference)" : ExperimentTables.Points(data.Difference(arm, key)),
                string.Join(", ", arm.Runs.Select(r => r.Commit ?? "unknown").Distinct().Order(StringComparer.Ordinal)),
            ];
        }
    }
}
