using System.Security.Cryptography;
using System.Text;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Experiments;

/// <summary>What an experiment amounts to: its runs, in the order in which they are begun, and where everything goes.</summary>
/// <param name="Name">The experiment's name, that of its folder.</param>
/// <param name="Results">The folder of its results.</param>
/// <param name="Runs">Seed by seed, so that what is done early compares all arms.</param>
public sealed record ExperimentPlan(string Name, string Results, IReadOnlyList<PlannedRun> Runs)
{
    /// <summary>Plans an experiment.</summary>
    /// <param name="file">Its <c>sweep.yaml</c>.</param>
    /// <param name="options">What it says.</param>
    /// <param name="runs">The folder of runs.</param>
    /// <param name="smoke">Whether in small; then the results stay with the runs.</param>
    public static ExperimentPlan Of(string file, ExperimentOptions options, string runs, bool smoke)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var name = Path.GetFileName(folder);
        var root = Path.Combine(runs, smoke ? $"{name}-smoke" : name);
        var planned = new List<PlannedRun>();
        foreach (var seed in smoke ? options.Smoke.Seeds : options.Seeds)
        {
            foreach (var arm in options.Arms)
            {
                var start = arm.Start is null ? null : planned.Single(r => r.Seed == seed && r.Arm.Name == arm.Start);
                planned.Add(Run(options, arm, seed, root, start, smoke, Beside(folder, options.ConfigurationOf(arm))));
            }
        }
        return new ExperimentPlan(name, smoke ? Path.Combine(root, "results") : ResultsOf(folder), planned);
    }

    /// <summary>Where an experiment's results are.</summary>
    /// <param name="folder">The experiment's folder.</param>
    public static string ResultsOf(string folder) => Path.Combine(folder, "results");

    /// <summary>A path relative to the experiment's folder, as the current folder sees it.</summary>
    private static string Beside(string folder, string path) => Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(folder, path));

    private static PlannedRun Run(ExperimentOptions options, ArmOptions arm, int seed, string root, PlannedRun? start, bool smoke, string configuration)
    {
        string[] begin = start is null ? [] : [$"model={{path: \"{start.Policy}\"}}", "warm_start.steps=0"];
        return new PlannedRun
        {
            Arm = arm,
            Seed = seed,
            IsSmoke = smoke,
            Start = start,
            Folder = Path.Combine(root, $"{arm.Name}-seed{seed}"),
            Configuration = configuration,
            Settings = [$"seed={seed}", $"training.threads={options.Threads}", $"rollout.workers={options.Threads}", .. options.Set, .. arm.Set, .. smoke ? options.Smoke.Set : [], .. begin],
            Measurements = [.. options.Evaluations.Where(m => IsMeant(m.Arms)).Select(m => smoke ? m with { Episodes = options.Smoke.Episodes } : m)],
            WhatIf = options.WhatIf.Sample > 0 && IsMeant(options.WhatIf.Arms)
                ? smoke ? options.WhatIf with { Sample = Math.Max(2, options.Smoke.Episodes), Continuations = 1 } : options.WhatIf
                : null,
        };

        bool IsMeant(IReadOnlyList<string> arms) => arms.Count == 0 || arms.Contains(arm.Name);
    }
}

/// <summary>One run of an experiment: an arm with a seed.</summary>
public sealed record PlannedRun
{
    /// <summary>The arm.</summary>
    public required ArmOptions Arm { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Whether in small.</summary>
    public required bool IsSmoke { get; init; }

    /// <summary>The run whose policy it begins from, or null.</summary>
    public required PlannedRun? Start { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The configuration file.</summary>
    public required string Configuration { get; init; }

    /// <summary>All settings that change it, in order.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>What is measured afterwards.</summary>
    public required IReadOnlyList<MeasurementOptions> Measurements { get; init; }

    /// <summary>The counterfactuals, or null.</summary>
    public required WhatIfOptions? WhatIf { get; init; }

    /// <summary>Its name: that of its folder and of its result.</summary>
    public string Name => $"{Arm.Name}-seed{Seed}";

    /// <summary>Where its final policy will be.</summary>
    public string Policy => Path.Combine(Folder, "policy");

    /// <summary>Arguments of the training.</summary>
    public IReadOnlyList<string> TrainArguments(bool resume) =>
        ["train", Configuration, "--run", Folder, .. resume ? (string[])["--resume"] : [], .. Settings.SelectMany(s => new[] { "--set", s })];

    /// <summary>Arguments of each measurement, and the file (in the run's folder) that it leaves.</summary>
    public IEnumerable<(MeasurementOptions Measurement, string? Context, string File, IReadOnlyList<string> Arguments)> EvalArguments()
    {
        foreach (var m in Measurements)
        {
            foreach (var context in new[] { (string?)null }.Concat(m.Contexts.Select(c => SettingNames.Of(c))))
            {
                List<string> what = ["--split", SettingNames.Of(m.Split), "--episodes", $"{m.Episodes}", "--first-task", $"{m.FirstTask}"];
                if (m.Rounds.Count > 0) what.AddRange(["--rounds", string.Join(',', m.Rounds)]);
                if (context is not null) what.AddRange(["--context", context]);
                foreach (var set in m.Set) what.AddRange(["--set", set]);
                var file = Leftover($"eval-{m.Name}{(context is null ? "" : "-" + context)}", what);
                yield return (m, context, file, ["eval", Folder, .. what, "--json", file]);
            }
        }
    }

    /// <summary>Arguments of the counterfactuals, and the file that they leave.</summary>
    public (string File, IReadOnlyList<string> Arguments)? WhatIfArguments()
    {
        if (WhatIf is null) return null;
        List<string> what = ["--sample", $"{WhatIf.Sample}", "--continuations", $"{WhatIf.Continuations}"];
        if (WhatIf.Phase is not null) what.AddRange(["--phase", WhatIf.Phase]);
        var file = Leftover("what-if", what);
        return (file, ["what-if", Folder, .. what, "--json", file]);
    }

    /// <summary>Whether a setting is the folder of the policy that a run begins from.</summary>
    public static bool IsStartFolder(string setting) => setting.StartsWith("model={path", StringComparison.Ordinal);

    /// <summary>
    /// What the result is a function of, apart from the program: settings, measurements and the configuration's lines that are no comments. A result of another fingerprint
    /// is not the one that is asked for.
    /// </summary>
    public string Fingerprint()
    {
        var text = new StringBuilder();
        foreach (var line in File.ReadLines(Configuration).Select(l => l.TrimEnd()).Where(l => l.Length > 0 && l.TrimStart()[0] != '#')) text.Append(line).Append('\n');
        foreach (var setting in Settings.Where(s => !IsStartFolder(s))) text.Append(setting).Append('\n');
        foreach (var (m, _, _, arguments) in EvalArguments()) text.Append(m.Name).Append(' ').AppendJoin(' ', arguments.Skip(2).SkipLast(2)).Append('\n');
        if (WhatIfArguments() is { } whatIf) text.AppendJoin(' ', whatIf.Arguments.Skip(2).SkipLast(2)).Append('\n');
        if (Start is not null) text.Append(Start.Arm.Name).Append(' ').Append(Start.Fingerprint()).Append('\n');
        return Hash(text.ToString());
    }

    private string Leftover(string name, IEnumerable<string> what) => Path.Combine(Folder, "sweep", $"{name}-{Hash(string.Join('\n', what))}.json");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
