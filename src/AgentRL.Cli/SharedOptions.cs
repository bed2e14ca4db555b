using System.CommandLine;
using System.Globalization;

namespace AgentRL.Cli;

/// <summary>Options that several commands have.</summary>
internal static class SharedOptions
{
    /// <summary><c>--set a.b=c</c>, any number of times.</summary>
    public static Option<string[]> Set() => new("--set")
    {
        Description = "Replace a setting: a.b=c. May be repeated; the later of two wins.",
        HelpName = "a.b=c",
        DefaultValueFactory = _ => [],
    };

    /// <summary>A whole number from a least value up, or absent.</summary>
    public static Option<int?> Count(string name, string description, int least)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.Tokens.Count == 0) return;
            if (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < least)
                result.AddError($"{name} is '{result.Tokens[0].Value}'; expected a whole number from {least} up");
        });
        return option;
    }

    /// <summary>A number above 0, or absent; with a point whatever the country.</summary>
    public static Option<double?> Number(string name, string description, double most, string hint) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= most) return value;
            result.AddError($"{name} is '{text}'; expected a number above 0, at most {most} {hint}");
            return null;
        },
    };

    /// <summary>The numbers given, or null where the option is absent (for which the library itself has an empty array).</summary>
    public static int[]? Given(this ParseResult parsed, Option<int[]?> option) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : null;

    /// <summary>Whole numbers with commas between, or absent; read it with <see cref="Given"/>.</summary>
    public static Option<int[]?> Numbers(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N,N,…",
        CustomParser = result =>
        {
            var parts = string.Join(',', result.Tokens.Select(t => t.Value)).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var numbers = new int[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) continue;
                result.AddError($"{name}: '{parts[i]}' is no whole number from 0 up");
                return null;
            }
            if (numbers.Length == 0) result.AddError($"{name}: expected whole numbers with commas between, for example 0,1,2");
            return numbers;
        },
    };
}
