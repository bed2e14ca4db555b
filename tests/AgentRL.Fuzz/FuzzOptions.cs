using System.Globalization;

namespace AgentRL.Fuzz;

/// <summary>What the command line asks for.</summary>
internal sealed record FuzzOptions
{
    public const string Usage = """
        Feeds the parsers of what others wrote with damaged inputs.

          --inputs N      inputs for each parser (default 100000)
          --only NAME     one parser only; may be repeated
          --seed N        names the inputs (default 1)
          --from N        number of the first input (default 0): pieces of a long run can be run one by one
          --threads N     default: one a core
          --failures DIR  where failing inputs are kept (default fuzz-failures)
          --save N        keep input N of the parser given by --only, and read it, whatever comes of it
        """;

    public long Inputs { get; private init; } = 100_000;

    public IReadOnlyList<string> Only { get; private init; } = [];

    public long Seed { get; private init; } = 1;

    public long From { get; private init; }

    public int Threads { get; private init; } = Environment.ProcessorCount;

    public string Failures { get; private init; } = "fuzz-failures";

    public long? Save { get; private init; }

    /// <exception cref="FormatException">The command line cannot be read.</exception>
    public static FuzzOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new FuzzOptions();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count) throw new FormatException($"{arguments[i]}: a value is missing");
            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--inputs" => options with { Inputs = Number(arguments[i], value) },
                "--only" => options with { Only = [.. options.Only, value] },
                "--seed" => options with { Seed = Number(arguments[i], value) },
                "--from" => options with { From = Number(arguments[i], value) },
                "--threads" => options with { Threads = (int)Math.Clamp(Number(arguments[i], value), 1, 1024) },
                "--failures" => options with { Failures = value },
                "--save" => options with { Save = Number(arguments[i], value) },
                var other => throw new FormatException($"{other}: no such option"),
            };
        }
        return options;
    }

    private static long Number(string option, string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : throw new FormatException($"{option}: '{text}' is no whole number from 0 up");
}
