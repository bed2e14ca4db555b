using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Environments;

/// <summary>
/// Reads tasks from JSON Lines: <c>{"id":"t1","environment":"functions/scan_max","parameters":{…},"answer":97}</c>, the answer being optional.
/// Every fault of the file is reported, with its line.
/// </summary>
public static class JsonLinesTasks
{
    private const int MostTurns = 100_000;

    /// <summary>Faults told; a file of nothing else must not cost more memory than it has.</summary>
    private const int MostFaults = 1000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file.</summary>
    /// <param name="path">A file of UTF-8 text; blank lines are skipped.</param>
    /// <param name="catalog">The environments that tasks may name.</param>
    /// <exception cref="TaskFileException">Some line is no task.</exception>
    public static IReadOnlyList<JsonLinesTask> Load(string path, EnvironmentCatalog catalog)
    {
        using var reader = File.OpenText(path);
        return Load(reader, path, catalog);
    }

    /// <summary>Reads lines from anywhere.</summary>
    /// <param name="reader">The lines.</param>
    /// <param name="source">What messages call the source.</param>
    /// <param name="catalog">The environments that tasks may name.</param>
    /// <exception cref="TaskFileException">Some line is no task.</exception>
    public static IReadOnlyList<JsonLinesTask> Load(TextReader reader, string source, EnvironmentCatalog catalog)
    {
        var tasks = new Dictionary<string, JsonLinesTask>(StringComparer.Ordinal);
        var faults = new List<string>();
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            try
            {
                var task = ReadTask(line, number, catalog);
                if (!tasks.TryAdd(task.Id, task)) throw new TaskIdException($"id '{task.Id}' was given in line {tasks[task.Id].Line} already; ids must be unique");
            }
            catch (TaskIdException e)
            {
                faults.Add($"{source}:{number}: {e.Message}");
                if (faults.Count == MostFaults)
                {
                    faults.Add($"{source}:{number}: this is fault {MostFaults}; what comes after was not read");
                    break;
                }
            }
        }
        return faults.Count == 0 ? [.. tasks.Values.OrderBy(t => t.Line)] : throw new TaskFileException(faults);
    }

    private static JsonLinesTask ReadTask(string line, int number, EnvironmentCatalog catalog)
    {
        var json = Parse(line);
        var unknown = json.Select(p => p.Key).FirstOrDefault(k => k is not ("id" or "environment" or "parameters" or "answer"));
        if (unknown is not null) throw new TaskIdException($"unknown key '{unknown}'; known are id, environment, parameters, answer");
        var name = Text(json, "environment");
        var definition = catalog.Find(name)
            ?? throw new TaskIdException($"no environment is named '{name}'; known are {string.Join(", ", catalog.All.Select(d => d.Name))}");
        var parameters = json["parameters"] as JsonObject
            ?? throw new TaskIdException("'parameters' is missing or no object; give the object that names the instance");
        var task = new JsonLinesTask(Text(json, "id"), definition, parameters, json["answer"]?.ToJsonString(), number);
        var environment = task.Create();
        if (task.ExpectedAnswer is { } expected && AnswerOf(environment) is var right && right != expected)
            throw new TaskIdException($"'answer' is {expected}, but the reference solution hands in {right}");
        return task;
    }

    private static JsonObject Parse(string line)
    {
        try
        {
            var json = JsonNode.Parse(line, documentOptions: Strict) as JsonObject ?? throw new TaskIdException("not a JSON object; write one object a line");
            TaskParameters.RequireText(json);
            return json;
        }
        catch (JsonException e)
        {
            throw new TaskIdException($"bad JSON at character {e.BytePositionInLine + 1}; write one object a line");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new TaskIdException("not valid Unicode: half a surrogate pair");
        }
    }

    private static string Text(JsonObject json, string key) =>
        json[key] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? text
            : throw new TaskIdException($"'{key}' is missing or no text; give a text that is not empty");

    /// <summary>The argument of the reference solution's last call, as JSON.</summary>
    private static string AnswerOf(IEnvironment environment)
    {
        var solver = environment.CreateSolver();
        solver.Resume(null);
        for (var turns = 0; turns < MostTurns; turns++)
        {
            var turn = solver.NextTurn();
            solver.Observe(environment.StepAsync(turn.Call, CancellationToken.None).AsTask().GetAwaiter().GetResult());
            if (environment.Result.IsOver) return turn.Call.Arguments.TryGetProperty("answer", out var answer) ? answer.GetRawText() : "nothing";
        }
        return "nothing";
    }
}
