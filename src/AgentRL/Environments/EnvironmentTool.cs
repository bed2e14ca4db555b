using System.Text.Json;
using AgentRL.Tokens;
using Microsoft.Extensions.AI;

namespace AgentRL.Environments;

/// <summary>
/// A tool of an environment as a <see cref="AIFunction"/>: name, description and JSON Schema for policies, and a synchronous handler
/// that costs microseconds. Arguments are checked against the declared parameters before the handler runs.
/// </summary>
public sealed class EnvironmentTool : AIFunction
{
    private readonly Func<ToolArguments, Observation> handler;
    private readonly string schema;

    /// <summary>Declares a tool.</summary>
    /// <param name="name">Name by which the policy calls it.</param>
    /// <param name="description">One sentence for the policy.</param>
    /// <param name="parameters">The parameters, in order; all are required.</param>
    /// <param name="changesState">Whether a call can change the environment's state (redundancy is judged by it).</param>
    /// <param name="handler">What a call does; called only with arguments that fit the parameters.</param>
    public EnvironmentTool(string name, string description, IReadOnlyList<ToolParameter> parameters, bool changesState, Func<ToolArguments, Observation> handler)
    {
        Name = name;
        Description = description;
        Parameters = parameters;
        ChangesState = changesState;
        this.handler = handler;
        schema = ToolParameter.SchemaOf(parameters);
        AdditionalProperties = new Dictionary<string, object?> { ["changes_state"] = changesState };
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override JsonElement JsonSchema => JsonElement.Parse(schema);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>The parameters, in order.</summary>
    public IReadOnlyList<ToolParameter> Parameters { get; }

    /// <summary>Whether a call can change the environment's state.</summary>
    public bool ChangesState { get; }

    /// <summary>The compact form that small policies are shown: <c>get(i)</c>.</summary>
    public string Signature => $"{Name}({string.Join(',', Parameters.Select(p => p.Name))})";

    /// <summary>What chat templates render.</summary>
    public ToolDescription Describe() => new(Name, Description, schema, ChangesState, Signature);

    /// <summary>Runs the tool; arguments that do not fit come back as an error observation.</summary>
    public Observation Invoke(JsonElement arguments) =>
        ToolArguments.TryBind(this, arguments, out var bound, out var fault) ? handler(bound) : new Observation(fault, CallStatus.BadArguments);

    /// <inheritdoc/>
    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ValueTask.FromResult<object?>(Invoke(JsonSerializer.SerializeToElement((IDictionary<string, object?>)arguments)).Text);
}
