using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;
using AgentRL.Tools;

namespace AgentRL.Fakes;

/// <summary>A tiny environment for tests of everything around environments: add up hidden values.</summary>
internal sealed class SumDefinition(string name = "fake/sum", bool canRestore = true) : IEnvironmentDefinition
{
    public static EnvironmentCatalog Catalog { get; } = new([new SumDefinition(), new SumDefinition("fake/forgetful_sum", false)]);

    public string Name => name;

    public string Description => "Add up hidden values, read one at a time; remember the position and the total.";

    public IReadOnlyList<EnvironmentSetting> Settings { get; } =
    [
        new("min_length", 3, 1, 50, "Fewest values."),
        new("max_length", 5, 1, 50, "Most values."),
        new("largest", 9, 1, 99, "Largest value; 13 is refused."),
    ];

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings)
    {
        if (settings["largest"] == 13) throw new TaskIdException("largest must not be 13");
        var draws = RandomStream.Root(index, $"{name}/{split}");
        var length = settings["min_length"] + (int)(draws.DoubleAt(0) * (settings["max_length"] - settings["min_length"] + 1));
        var values = Enumerable.Range(1, length).Select(i => (JsonNode)(1 + (int)(draws.DoubleAt(i) * settings["largest"]))).ToArray();
        return new JsonObject { ["values"] = new JsonArray(values) };
    }

    public IEnvironment Create(JsonObject parameters) => new SumEnvironment(name, parameters, canRestore);
}

internal sealed class SumEnvironment : ToolEnvironment
{
    private readonly int[] values;
    private int total;

    public SumEnvironment(string name, JsonObject parameters, bool canRestore)
    {
        TaskId = EnvironmentCatalog.CanonicalId(name, parameters);
        CanRestore = canRestore;
        values = [.. parameters["values"]!.AsArray().Select(v => (int)v!)];
        Tools =
        [
            new("get", "Reads the value at an index.", [new("i", ToolParameterType.Integer, "the index", 0, values.Length - 1)], false, Get),
            new("answer", "Hands in the total.", [new("total", ToolParameterType.Integer, "the total")], true, Answer),
        ];
    }

    public override string TaskId { get; }

    public override string SystemText => "You add up values.";

    public override string TaskText => $"n={values.Length}";

    public override IReadOnlyList<EnvironmentTool> Tools { get; }

    public override bool CanRestore { get; }

    public override string OracleState => $"total={total}";

    public override object Snapshot() => total;

    public override void Restore(object snapshot) => total = (int)snapshot;

    public override IReferenceSolver CreateSolver() => new SumSolver(values.Length);

    private Observation Get(ToolArguments arguments)
    {
        total += values[arguments.Integer("i")];
        return new Observation($"{values[arguments.Integer("i")]}");
    }

    private Observation Answer(ToolArguments arguments)
    {
        Result = EnvironmentResult.Answered(arguments.Integer("total") == values.Sum());
        return new Observation("done");
    }
}

internal sealed class SumSolver(int length) : IReferenceSolver
{
    private int at;
    private int total;

    public IReadOnlyList<MemoryField> Memory => [new("i", $"{at}", MemoryRole.Cursor), new("sum", $"{total}", MemoryRole.Accumulator)];

    public void Resume(string? carriedSummary)
    {
        var fields = MemoryField.Parse(carriedSummary);
        at = int.Parse(fields.GetValueOrDefault("i", "0"));
        total = int.Parse(fields.GetValueOrDefault("sum", "0"));
    }

    public SolverTurn NextTurn() => new(
        MemoryField.Render(Memory), at < length ? ToolCall.Of("get", ("i", at)) : ToolCall.Of("answer", ("total", total)));

    public void Observe(Observation observation)
    {
        at++;
        if (int.TryParse(observation.Text, out var value)) total += value;
    }
}
