using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;
using AgentRL.Tools;

namespace Games;

public sealed class GuessNumberDefinition : IEnvironmentDefinition
{
    public string Name => "games/guess_number";
    public string Description => "Find a hidden number by halving: the two ends of what is still possible.";
    public IReadOnlyList<EnvironmentSetting> Settings => [new("top", 99, 9, 9999, "Largest number."), new("long_top", 100_000_000, 9, 999_999_999, "The same on long.")];

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings)
    {
        var top = settings[split == TaskSplit.Long ? "long_top" : "top"];
        var third = RandomStream.Root(0, Name).Derive((long)split).Derive(index).Sequence().NextInt(1, top / 3);
        return new JsonObject { ["hidden"] = (3 * third) - (int)split, ["top"] = top }; // the rest of a division by 3 keeps the splits apart
    }

    public IEnvironment Create(JsonObject parameters) =>
        parameters["top"] is JsonValue t && t.TryGetValue(out int top)
        && parameters["hidden"] is JsonValue h && h.TryGetValue(out int hidden) && hidden > 0 && hidden <= top
            ? new GuessNumber(hidden, top)
            : throw new TaskIdException($"{Name}: give the whole numbers hidden and top, 1 <= hidden <= top");
}

internal sealed class GuessNumber(int hidden, int top) : ToolEnvironment
{
    private readonly int top = top;
    private State state = new(1, top);

    public override string TaskId => EnvironmentCatalog.CanonicalId("games/guess_number", new JsonObject { ["hidden"] = hidden, ["top"] = top });
    public override string SystemText => "find the number";
    public override string TaskText => $"1..{top}";
    public override string OracleState => $"low={state.Low} high={state.High}";
    public override IReadOnlyList<EnvironmentTool> Tools =>
    [
        new("less", "Whether the number is less than n.", [new("n", ToolParameterType.Integer, "a number", 1, top)], changesState: false, Less),
        new("done", "Hands in the number.", [new("n", ToolParameterType.Integer, "the number")], changesState: true, arguments =>
        {
            Result = EnvironmentResult.Answered(arguments.Integer("n") == hidden);
            return new Observation("ok");
        }),
    ];

    public override IReferenceSolver CreateSolver() => new GuessNumberSolver(top);
    public override object Snapshot() => (this, state, Result);
    public override void Restore(object snapshot) =>
        (_, state, Result) = snapshot is (GuessNumber of, State s, EnvironmentResult r) && of == this ? (of, s, r) : throw new ArgumentException("another's");

    private Observation Less(ToolArguments arguments)
    {
        var n = (int)arguments.Integer("n");
        state = hidden < n ? state with { High = Math.Min(state.High, n - 1) } : state with { Low = Math.Max(state.Low, n) };
        return new Observation(hidden < n ? "yes" : "no");
    }

    private sealed record State(int Low, int High);
}

internal sealed class GuessNumberSolver(int top) : IReferenceSolver
{
    private readonly int top = top;
    private int low = 1, high = top;

    public IReadOnlyList<MemoryField> Memory => [new("low", $"{low}", MemoryRole.Accumulator), new("high", $"{high}", MemoryRole.Accumulator)];

    private int Middle => low + ((high - low + 1) / 2);

    public SolverTurn NextTurn() => new($"{low}..{high}", ToolCall.Of(low == high ? "done" : "less", ("n", Middle)));

    public void Observe(Observation observation) => (low, high) = observation.Text switch { "yes" => (low, Middle - 1), "no" => (Middle, high), _ => (low, high) };

    public void Resume(string? carriedSummary)
    {
        var fields = MemoryField.Parse(carriedSummary);
        (low, high) = (Read("low", 1), Read("high", top));
        if (low > high) (low, high) = (1, top);
        int Read(string name, int otherwise) => int.TryParse(fields.GetValueOrDefault(name), out var n) && n >= 1 && n <= top ? n : otherwise;
    }
}
