using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace AgentRL.Environments;

/// <summary>Arguments that have been checked against a tool's parameters.</summary>
public sealed class ToolArguments
{
    /// <summary>Longest text argument where a parameter declares no maximum, in characters.</summary>
    public const int DefaultMaximumLength = 2000;

    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);

    private ToolArguments()
    {
    }

    /// <summary>An integer argument.</summary>
    /// <exception cref="KeyNotFoundException">The tool declares no such parameter (a fault of the environment).</exception>
    public long Integer(string name) => (long)values[name];

    /// <summary>A text argument.</summary>
    /// <exception cref="KeyNotFoundException">The tool declares no such parameter (a fault of the environment).</exception>
    public string Text(string name) => (string)values[name];

    /// <summary>Checks a JSON object against a tool's parameters.</summary>
    /// <param name="tool">The tool called.</param>
    /// <param name="json">What the policy gave.</param>
    /// <param name="arguments">The arguments, when they fit.</param>
    /// <param name="fault">A short sentence for the policy, when they do not.</param>
    public static bool TryBind(EnvironmentTool tool, JsonElement json, [NotNullWhen(true)] out ToolArguments? arguments, [NotNullWhen(false)] out string? fault)
    {
        arguments = null;
        if (json.ValueKind != JsonValueKind.Object) return Refuse($"{tool.Name}: arguments must be an object", out fault);
        var bound = new ToolArguments();
        foreach (var given in json.EnumerateObject())
        {
            var name = ReadText(() => given.Name);
            var parameter = tool.Parameters.FirstOrDefault(p => p.Name == name);
            if (parameter is null) return Refuse($"{tool.Name}: unknown argument; use {tool.Signature}", out fault);
            if (!TryRead(parameter, given.Value, out var value, out var problem)) return Refuse($"{tool.Name}: {parameter.Name} {problem}", out fault);
            if (!bound.values.TryAdd(parameter.Name, value)) return Refuse($"{tool.Name}: {parameter.Name} given twice", out fault);
        }
        foreach (var parameter in tool.Parameters)
        {
            if (!bound.values.ContainsKey(parameter.Name)) return Refuse($"{tool.Name}: {parameter.Name} is missing", out fault);
        }
        arguments = bound;
        fault = null;
        return true;
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
            else if (ReadText(json.GetString) is not { } text) problem = "must be well-formed text";
            else if (text.Length > longest) problem = $"must have at most {longest} characters";
            else value = text;
        }
        return value is not null;
    }

    /// <summary>JSON can escape half a surrogate pair ("\ud800"), which is no text: null.</summary>
    private static string? ReadText(Func<string?> read)
    {
        try
        {
            return read();
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
