using System.Text.Json.Nodes;

namespace AgentRL.Environments;

/// <summary>A task of a task file.</summary>
/// <param name="Id">The file's own name for it, unique in the file.</param>
/// <param name="Definition">Its environment.</param>
/// <param name="Parameters">The parameters of its instance, checked.</param>
/// <param name="ExpectedAnswer">The answer the file states, as JSON; it has been checked against the reference solution. Null where the file states none.</param>
/// <param name="Line">1-based line in the file.</param>
public sealed record JsonLinesTask(string Id, IEnvironmentDefinition Definition, JsonObject Parameters, string? ExpectedAnswer, int Line)
{
    /// <summary>The canonical task id of the instance.</summary>
    public string TaskId => EnvironmentCatalog.CanonicalId(Definition.Name, Parameters);

    /// <summary>A fresh environment of the instance.</summary>
    public IEnvironment Create() => Definition.Create(Parameters);
}

/// <summary>A task file that cannot be used.</summary>
/// <param name="faults">All faults, each with file, line and what would be right.</param>
public sealed class TaskFileException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>All faults, in the order of the lines.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
