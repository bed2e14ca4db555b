using AgentRL.Environments;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Experiments;

/// <summary>Reads <c>sweep.yaml</c> as configurations are read: everything that is wrong at once, with the line it is on; the arms' settings included.</summary>
public static class ExperimentLoader
{
    /// <summary>Reads and checks an experiment.</summary>
    /// <param name="path">The file.</param>
    /// <param name="catalog">The environments that tasks may name.</param>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    /// <exception cref="BadInputException">Settings of an arm cannot be used.</exception>
    public static ExperimentOptions Load(string path, EnvironmentCatalog catalog)
    {
        var options = Read(path);
        CheckSettings(path, options, catalog);
        return options;
    }

    /// <summary>As <see cref="Load"/>, without a look at the arms' settings: reports need none of them.</summary>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static ExperimentOptions Read(string path)
    {
        var faults = new FaultList(path);
        var root = ConfigurationLoader.Parse(path, faults);
        var options = root is null ? new ExperimentOptions() : new ConfigurationBinder(faults).Bind<ExperimentOptions>(root);
        if (root is not null) Check(options, faults);
        return faults.Any ? throw new ConfigurationException(faults.Ordered) : options with { Evaluations = [.. options.Evaluations.Select(Named)] };
    }

    private static MeasurementOptions Named(MeasurementOptions m) => m.Name.Length > 0 ? m : m with { Name = SettingNames.Of(m.Split) };

    private static void Check(ExperimentOptions options, FaultList faults)
    {
        if (string.IsNullOrWhiteSpace(options.Question) && !faults.IsFaulty("question")) faults.AddAt("question", "is missing", "the question, in a sentence");
        if (options.Configuration.Length == 0 && !faults.IsFaulty("configuration")) faults.AddAt("configuration", "is missing", "a configuration file");
        if (options.Arms.Count == 0 && !faults.IsFaulty("arms")) faults.AddAt("arms", "is empty: there is nothing to run", "at least one arm with a name");
        if (options.Seeds.Count == 0 && !faults.IsFaulty("seeds")) faults.AddAt("seeds", "is empty: there is nothing to run", "at least one seed");
        if (options.Smoke.Seeds.Count == 0 && !faults.IsFaulty("smoke.seeds")) faults.AddAt("smoke.seeds", "is empty: there is nothing to run", "at least one seed");
        Distinct(options.Seeds, "seeds", faults);
        Distinct(options.Smoke.Seeds, "smoke.seeds", faults);
        if (faults.IsFaulty("arms")) return; // an item at fault is not in the list, and the others' numbers are not those of the file
        var before = new List<string>();
        for (var i = 0; i < options.Arms.Count; i++)
        {
            var (arm, key) = (options.Arms[i], $"arms[{i}]");
            if (!IsFileName(arm.Name)) faults.AddAt($"{key}.name", arm.Name.Length == 0 ? "is missing" : $"is '{arm.Name}'", "letters, digits, '.', '_' and '-'");
            else if (before.Contains(arm.Name)) faults.AddAt($"{key}.name", $"is '{arm.Name}', as an arm above is", "a name of its own");
            if (arm.Start is { } start && !before.Contains(start))
                faults.AddAt($"{key}.start", $"no arm above is named '{start}'", before.Count == 0 ? "no start: this is the first arm" : "one of " + string.Join(", ", before), NearestName.Find(start, before));
            before.Add(arm.Name);
        }
        if (options.Reference is { } reference && !before.Contains(reference))
            faults.AddAt("reference", $"no arm is named '{reference}'", "one of " + string.Join(", ", before), NearestName.Find(reference, before));
        CheckMeasurements(options, before, faults);
    }

    private static void CheckMeasurements(ExperimentOptions options, List<string> arms, FaultList faults)
    {
        Arms(options.WhatIf.Arms, "what_if.arms");
        if (faults.IsFaulty("evaluations")) return;
        var names = new HashSet<string>();
        for (var i = 0; i < options.Evaluations.Count; i++)
        {
            var (measurement, key) = (Named(options.Evaluations[i]), $"evaluations[{i}]");
            if (!IsFileName(measurement.Name)) faults.AddAt($"{key}.name", $"is '{measurement.Name}'", "letters, digits, '.', '_' and '-'");
            else if (!names.Add(measurement.Name)) faults.AddAt($"{key}.name", $"'{measurement.Name}' is the name of a measurement above", "a name of its own");
            if (measurement.Rounds.Zip(measurement.Rounds.Skip(1)).Any(r => r.Second <= r.First)) faults.AddAt($"{key}.rounds", "does not ascend", "ascending numbers, each once");
            Arms(measurement.Arms, $"{key}.arms");
        }

        void Arms(IReadOnlyList<string> wanted, string key)
        {
            for (var n = 0; n < wanted.Count; n++)
            {
                if (!arms.Contains(wanted[n])) faults.AddAt($"{key}[{n}]", $"no arm is named '{wanted[n]}'", "one of " + string.Join(", ", arms), NearestName.Find(wanted[n], arms));
            }
        }
    }

    private static void Distinct(IReadOnlyList<int> seeds, string key, FaultList faults)
    {
        if (seeds.Distinct().Count() < seeds.Count) faults.AddAt(key, "has a seed twice", "each seed once");
    }

    /// <summary>Loads the configuration of every arm, full and small: a fault in the last arm must not come to light after hours.</summary>
    private static void CheckSettings(string path, ExperimentOptions options, EnvironmentCatalog catalog)
    {
        var wrong = new List<string>();
        foreach (var run in new[] { false, true }.SelectMany(smoke => ExperimentPlan.Of(path, options, ".", smoke).Runs).DistinctBy(r => (r.Arm.Name, r.IsSmoke)))
        {
            var set = run.Settings.Where(s => !PlannedRun.IsStartFolder(s)).ToList(); // the folder is yet to be made
            Try(run, "", set);
            foreach (var m in run.Measurements.Where(m => m.Set.Count > 0)) Try(run, $", evaluation {m.Name}", [.. set, .. m.Set]);
        }
        if (wrong.Count > 0) throw new BadInputException(string.Join(Environment.NewLine, wrong.Distinct()));

        void Try(PlannedRun run, string about, IReadOnlyList<string> set)
        {
            try
            {
                ConfigurationLoader.Load(run.Configuration, set, catalog);
            }
            catch (ConfigurationException e)
            {
                foreach (var fault in e.Faults)
                {
                    var written = fault.File == ConfigurationOverride.File && fault.Line >= 1 && fault.Line <= set.Count ? $" (in {set[fault.Line - 1]})" : "";
                    wrong.Add($"{path}: arm {run.Arm.Name}{about}: {fault}{written}");
                }
            }
        }
    }

    private static bool IsFileName(string name) => name.Length is > 0 and <= 64 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
