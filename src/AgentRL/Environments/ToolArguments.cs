using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace AgentRL.Environments;

/// <summary>Arguments that have been checked against a tool's parameters.</summary>
public sealed class ToolArguments
{
    /// <summary>Longest text argument where a parameter declares no maximum, in characters.</summary>
    public const int DefaultMaximumLength = 2000;

    private readonly IReadOnlyList<ToolParameter> parameters;
    private readonly object?[] values; // of the parameters, in their order

    private ToolArguments(IReadOnlyList<ToolParameter> parameters)
    {
        this.parameters = parameters;
        values = new object?[parameters.Count];
    }

    /// <summary>How many there are.</summary>
    public int Count => values.Length;

    /// <summary>An integer argument.</summary>
    /// <exception cref="KeyNotFoundException">The tool declares no such parameter (a fault of the environment).</exception>
    public long Integer(string name) => (long)Value(name);

    /// <summary>A text argument.</summary>
    /// <exception cref="KeyNotFoundException">The tool declares no such parameter (a fault of the environment).</exception>
    public string Text(string name) => (string)Value(name);

    /// <summary>Whether there is an argument of that name and value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">A <see langword="long"/> or a text.</param>
    public bool Holds(string name, object value) => IndexOf(parameters, name) is >= 0 and var index && value.Equals(values[index]);

    /// <summary>Checks a JSON object against a tool's parameters.</summary>
    /// <param name="tool">The tool called.</param>
    /// <param name="json">What the policy gave.</param>
    /// <param name="arguments">The arguments, when they fit.</param>
    /// <param name="fault">A short sentence for the policy, when they do not.</param>
    public static bool TryBind(EnvironmentTool tool, JsonElement json, [NotNullWhen(true)] out ToolArguments? arguments, [NotNullWhen(false)] out string? fault)
    {
        arguments = null;
        if (json.ValueKind != JsonValueKind.Object) return Refuse($"{tool.Name}: arguments must be an object", out fault);
        var bound = new ToolArguments(tool.Parameters);
        foreach (var given in json.EnumerateObject())
        {
            var index = IndexOf(tool.Parameters, ReadText(given, static g => g.Name));
            if (index < 0) return Refuse($"{tool.Name}: unknown argument; use {tool.Signature}", out fault);
            var parameter = tool.Parameters[index];
            if (!TryRead(parameter, given.Value, out var value, out var problem)) return Refuse($"{tool.Name}: {parameter.Name} {problem}", out fault);
            if (bound.values[index] is not null) return Refuse($"{tool.Name}: {parameter.Name} given twice", out fault);
            bound.values[index] = value;
        }
        if (Array.IndexOf(bound.values, null) is >= 0 and var missing) return Refuse($"{tool.Name}: {tool.Parameters[missing].Name} is missing", out fault);
        arguments = bound;
        fault = null;
        return true;
    }

    private object Value(string name) =>
        IndexOf(parameters, name) is >= 0 and var index ? values[index]! : throw new KeyNotFoundException($"The tool has no parameter {name}.");

    private static int IndexOf(IReadOnlyList<ToolParameter> parameters, string? name)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Name == name) return i;
        }
        return -1;
    }

    private static bool TryRead(ToolParameter parameter, JsonElement json, [NotNullWhen(true)] out object? value, [NotNullWhen(false)] out string? problem)
    {
        value = null;
        problem = null;
        if (parameter.Type == ToolParameterType.Integer)
        {
            if (json.ValueKind != JsonValueKind.Number || !json.TryGetInt64(out var number)) problem = "must be an integer";
            else if (number < parameter.Minimum || number > parameter.Maximum) problem = Range(parameter);
            else value = number;
        }
        else
        {
            var longest = Math.Min(parameter.Maximum, DefaultMaximumLength);
            if (json.ValueKind != JsonValueKind.String) problem = "must be a string";
            else if (ReadText(json, static j => j.GetString()) is not { } text) problem = "must be well-formed text";
            else if (text.Length > longest) problem = $"must have at most {longest} characters";
            else value = text;
        }
        return value is not null;
    }

    /// <summary>JSON can escape half a surrogate pair ("\ud800"), which is no text: null.</summary>
    private static string? ReadText<T>(T json, Func<T, string?> read)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Range(ToolParameter p) =>
        p.Minimum == long.MinValue ? $"must be at most {p.Maximum}" :
        p.Maximum == long.MaxValue ? $"must be at least {p.Minimum}" : $"must be {p.Minimum}..{p.Maximum}";

    private static bool Refuse(string message, out string fault)
    {
        fault = message;
        return false;
    }
}
