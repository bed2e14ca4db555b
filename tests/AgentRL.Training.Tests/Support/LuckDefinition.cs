using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;
using AgentRL.Tools;

namespace AgentRL.Training.Tests.Support;

/// <summary>A game that even a policy of a minute's training plays, with rewards that differ within a group: look around, then say any digit.</summary>
internal sealed class LuckDefinition(string name = "fake/luck", bool breaks = false) : IEnvironmentDefinition
{
    public string Name => name;

    public string Description => "Look a few times, then say a digit; the reward is a ninth of it.";

    public IReadOnlyList<EnvironmentSetting> Settings { get; } = [];

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings)
    {
        var draws = RandomStream.Root(index, $"luck/{split}");
        return new JsonObject { ["looks"] = (int)(draws.DoubleAt(0) * 3) + 3, ["digit"] = (int)(draws.DoubleAt(1) * 10) };
    }

    public IEnvironment Create(JsonObject parameters) => new LuckEnvironment(name, parameters, breaks);
}

internal sealed class LuckEnvironment : ToolEnvironment
{
    private readonly int looks, digit;
    private int looked;

    public LuckEnvironment(string name, JsonObject parameters, bool breaks)
    {
        TaskId = EnvironmentCatalog.CanonicalId(name, parameters);
        (looks, digit) = ((int)parameters["looks"]!, (int)parameters["digit"]!);
        Tools =
        [
            new("look", "Looks around.", [], false, _ => breaks ? throw new InvalidOperationException("broken") : new Observation($"seen {++looked}")),
            new("say", "Says a digit.", [new("d", ToolParameterType.Integer, "the digit", 0, 9)], true, Say),
        ];
    }

    public override string TaskId { get; }

    public override string SystemText => "play";

    public override string TaskText => "go";

    public override IReadOnlyList<EnvironmentTool> Tools { get; }

    public override bool CanRestore => true;

    public override string OracleState => $"k={looked}";

    public override object Snapshot() => looked;

    public override void Restore(object snapshot) => looked = (int)snapshot;

    public override IReferenceSolver CreateSolver() => new LuckSolver(looks, digit);

    private Observation Say(ToolArguments arguments)
    {
        var said = (int)arguments.Integer("d");
        Result = new EnvironmentResult(true, said / 9.0, said > 4, new Dictionary<string, double> { ["digit"] = said });
        return new Observation("said");
    }
}

internal sealed class LuckSolver(int looks, int digit) : IReferenceSolver
{
    private int looked;

    public IReadOnlyList<MemoryField> Memory => [new("k", $"{looked}", MemoryRole.Cursor)];

    public void Resume(string? carriedSummary) => looked = int.Parse(MemoryField.Parse(carriedSummary).GetValueOrDefault("k", "0"));

    public SolverTurn NextTurn() => new("", looked < looks ? ToolCall.Of("look") : ToolCall.Of("say", ("d", digit)));

    public void Observe(Observation observation) => looked++;
}
