using System.Text.Json.Nodes;
using AgentRL.Environments;

namespace AgentRL.Tests.Fakes;

/// <summary>A definition whose instances only tell how they were drawn.</summary>
internal sealed class NamedTasks(string name) : IEnvironmentDefinition
{
    public string Name => $"toy/{name}";

    public string Description => "Tells how it was drawn.";

    public IReadOnlyList<EnvironmentSetting> Settings { get; } = [new("size", 2, 1, 9, "nothing")];

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings) => new()
    {
        ["text"] = $"{Name}|{split}|{index}|{rendering}|{settings["size"]}",
    };

    public IEnvironment Create(JsonObject parameters) => new Told(EnvironmentCatalog.CanonicalId(Name, parameters), parameters["text"]?.GetValue<string>() ?? "none");

    private sealed class Told(string id, string text) : ToolEnvironment
    {
        public override string TaskId => id;

        public override string SystemText => "s";

        public override string TaskText => text;

        public override IReadOnlyList<EnvironmentTool> Tools => [];

        public override string OracleState => "";

        public override object Snapshot() => this;

        public override void Restore(object snapshot)
        {
        }

        public override IReferenceSolver CreateSolver() => throw new NotSupportedException();
    }
}
