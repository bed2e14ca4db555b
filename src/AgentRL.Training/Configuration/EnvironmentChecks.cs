using AgentRL.Contexts;
using AgentRL.Environments;

namespace AgentRL.Training.Configuration;

/// <summary>Checks the tasks against the environments known, and fills in the settings left out.</summary>
internal static class EnvironmentChecks
{
    /// <summary>Each is checked by drawing an instance, which may take half a second where its settings leave none.</summary>
    private const int MostTasks = 256;

    public static RunConfiguration CheckAndResolve(RunConfiguration configuration, EnvironmentCatalog catalog, FaultList faults)
    {
        const string tasks = "environment.tasks";
        if (configuration.Environment.Tasks.Count == 0 && !faults.IsFaulty(tasks)) faults.AddAt(tasks, "is empty: there is nothing to train on", "at least one environment");
        return configuration with
        {
            Environment = configuration.Environment with { Tasks = All(configuration.Environment.Tasks, tasks) },
            WarmStart = configuration.WarmStart with { Tasks = All(configuration.WarmStart.Tasks, "warm_start.tasks") },
        };

        List<TaskOptions> All(IReadOnlyList<TaskOptions> list, string key)
        {
            if (list.Count <= MostTasks) return [.. list.Select((task, i) => Resolve(task, $"{key}[{i}]", configuration, catalog, faults))];
            faults.AddAt(key, $"has {list.Count} items", $"at most {MostTasks}");
            return [.. list];
        }
    }

    private static TaskOptions Resolve(TaskOptions task, string key, RunConfiguration configuration, EnvironmentCatalog catalog, FaultList faults)
    {
        if (faults.IsFull)
        {
            faults.AddAt(key, "has not been checked");
            return task;
        }
        var names = catalog.All.Select(d => d.Name).ToArray();
        if (faults.IsFaulty(key + ".name") || !faults.IsGiven(key + ".name"))
        {
            if (!faults.IsFaulty(key)) faults.AddAt(key + ".name", "is missing", $"one of {string.Join(", ", names)}");
            return task;
        }
        if (catalog.Find(task.Name) is not { } definition)
        {
            faults.AddAt(key + ".name", $"no environment is named '{task.Name}'", $"one of {string.Join(", ", names)}", NearestName.FindPath(task.Name, names));
            return task;
        }
        var values = new SortedDictionary<string, int>(definition.Settings.ToDictionary(s => s.Name, s => s.Default), StringComparer.Ordinal);
        foreach (var (name, value) in task.Settings) Set(values, definition, name, value, $"{key}.settings.{name}", faults);
        if (faults.IsFaulty(key + ".settings")) return task;
        CheckPairs(values, key + ".settings", faults);
        if (!faults.IsFaulty(key + ".settings")) CheckInstance(definition, values, key, configuration, faults);
        return task with { Settings = values };
    }

    private static void Set(SortedDictionary<string, int> values, IEnvironmentDefinition definition, string name, int value, string key, FaultList faults)
    {
        if (definition.Settings.FirstOrDefault(s => s.Name == name) is not { } setting)
        {
            var known = definition.Settings.Select(s => s.Name).ToArray();
            var expected = known.Length == 0 ? $"no settings: {definition.Name} has none" : "one of " + string.Join(", ", known);
            faults.AddAt(key, $"unknown setting of {definition.Name}", expected, NearestName.Find(name, known));
        }
        else if (value < setting.Minimum || value > setting.Maximum)
        {
            faults.AddAt(key, $"is {value}", $"{setting.Minimum}..{setting.Maximum}");
        }
        else
        {
            values[name] = value;
        }
    }

    private static void CheckPairs(SortedDictionary<string, int> values, string key, FaultList faults)
    {
        foreach (var (name, minimum) in values.Where(v => v.Key.Split('_').Contains("min")))
        {
            var other = string.Join('_', name.Split('_').Select(part => part == "min" ? "max" : part));
            if (!values.TryGetValue(other, out var maximum) || minimum <= maximum) continue;
            faults.AddAcross([$"{key}.{name}", $"{key}.{other}"], $"is {minimum}, above {other} = {maximum}", $"at most {other}");
        }
    }

    /// <summary>Draws a first instance: an environment may refuse settings that are each in range.</summary>
    private static void CheckInstance(
        IEnvironmentDefinition definition, SortedDictionary<string, int> values, string key, RunConfiguration configuration, FaultList faults)
    {
        try
        {
            var environment = definition.Create(definition.Draw(TaskSplit.Train, 0, configuration.Environment.Rendering, values));
            if (configuration.Context.DiscardCrossingTurn != CrossingTurn.Restore || environment.CanRestore) return;
            faults.AddAcross(
                ["context.discard_crossing_turn"], $"is restore, but {definition.Name} cannot be put back to an earlier state", "keep_effects or keep_turn");
        }
        catch (TaskIdException e)
        {
            faults.AddAt(key + ".settings", $"{definition.Name} refuses them: {e.Message}");
        }
    }
}
