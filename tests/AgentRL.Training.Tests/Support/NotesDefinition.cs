using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Training.Tests.Support;

/// <summary>
/// A game with evidence so short that a policy of a few seconds' training archives it and reads it back: look at the list twice, then say a digit. There
/// are two tasks, so that each comes again.
/// </summary>
internal sealed class NotesDefinition : IEnvironmentDefinition
{
    public string Name => "fake/notes";

    public string Description => "Look at the list, keep it, say a digit.";

    public IReadOnlyList<EnvironmentSetting> Settings { get; } = [];

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings) => new() { ["n"] = index % 2 };

    public IEnvironment Create(JsonObject parameters) => new NotesEnvironment(parameters);
}

internal sealed class NotesEnvironment : ToolEnvironment
{
    public NotesEnvironment(JsonObject parameters)
    {
        TaskId = EnvironmentCatalog.CanonicalId("fake/notes", parameters);
        Tools =
        [
            new("look", "Shows the list.", [], false, _ => new Observation(NotesSolver.List)),
            new("say", "Says a digit.", [new("d", ToolParameterType.Integer, "the digit", 0, 9)], true, Say),
        ];
    }

    public override string TaskId { get; }

    public override string SystemText => "play";

    public override string TaskText => "go";

    public override IReadOnlyList<EnvironmentTool> Tools { get; }

    public override bool CanRestore => true;

    public override string OracleState => "";

    public override object Snapshot() => 0;

    public override void Restore(object snapshot)
    {
    }

    public override IReferenceSolver CreateSolver() => new NotesSolver();

    private Observation Say(ToolArguments arguments)
    {
        var said = (int)arguments.Integer("d");
        Result = new EnvironmentResult(true, said / 9.0, said > 4, new Dictionary<string, double> { ["digit"] = said });
        return new Observation("said");
    }
}

internal sealed class NotesSolver : IEvidenceSolver
{
    public const string List = "red blue green";

    private bool holds;
    private int looked;

    public IReadOnlyList<Evidence> Evidence => holds ? [new("map", "list", "red", "blue", "green")] : [];

    public string? MissingEvidence => looked > 1 && !holds ? "map" : null;

    public IReadOnlyList<MemoryField> Memory => [new("k", $"{looked}", MemoryRole.Cursor)];

    public void Resume(string? carriedSummary)
    {
        looked = int.Parse(MemoryField.Parse(carriedSummary).GetValueOrDefault("k", "0"));
        holds = false;
    }

    public void Recall(string content) => holds |= content == List;

    public SolverTurn NextTurn() => new("", looked < 2 ? ToolCall.Of("look") : ToolCall.Of("say", ("d", 7)));

    public void Observe(Observation observation)
    {
        looked++;
        holds |= observation.Text == List;
    }
}
