using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Envs.Functions;

/// <summary>
/// A solver's turn before it is written down: every call of a policy is compared with one, and few are ever shown.
/// </summary>
/// <param name="Thought">Writes the thought.</param>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">Its arguments, in the order in which to write them.</param>
internal sealed record FunctionTurn(Func<string> Thought, string Tool, IReadOnlyList<FunctionArgument> Arguments)
{
    /// <summary>Whether a call is this turn's.</summary>
    public bool Calls(string tool, ToolArguments arguments)
    {
        if (tool != Tool || arguments.Count != Arguments.Count) return false;
        foreach (var argument in Arguments)
        {
            if (!arguments.Holds(argument.Name, argument.Value)) return false;
        }
        return true;
    }

    /// <summary>As text and call.</summary>
    public SolverTurn Write() => new(Thought(), ToolCall.Of(Tool, [.. Arguments.Select(a => (a.Name, a.ToJson()))]));
}

/// <summary>An argument.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Value">A <see langword="long"/> or a text.</param>
internal readonly record struct FunctionArgument(string Name, object Value)
{
    public static implicit operator FunctionArgument((string Name, long Value) argument) => new(argument.Name, argument.Value);

    public static implicit operator FunctionArgument((string Name, string Value) argument) => new(argument.Name, argument.Value);

    public JsonNode ToJson() => Value is long number ? JsonValue.Create(number) : JsonValue.Create((string)Value);
}
