using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Functions;

/// <summary>
/// Defines a game whose hidden data lie at the positions <c>from..to</c>. The window's start is drawn from the whole number line up to
/// <c>max_position</c>, so training on short windows meets every counter that a long window needs.
/// </summary>
internal sealed class WindowDefinition(string name, string description, int maxValue, Func<FunctionInstance, FunctionEnvironment> make, LengthRange? train = null, LengthRange? @long = null)
    : FunctionDefinition(name, description)
{
    private const int LongestWindow = 1000;

    /// <summary>A further visible parameter, and how it is drawn.</summary>
    public (ParameterRange Range, Func<RandomSequence, IReadOnlyDictionary<string, int>, int> Draw)? Extra { get; init; }

    public override IReadOnlyList<EnvironmentSetting> Settings { get; } =
    [
        new("min_length", train?.Shortest ?? 10, 4, LongestWindow, "shortest window outside the long split"),
        new("max_length", train?.Longest ?? 12, 4, LongestWindow, "longest window outside the long split"),
        new("long_min_length", @long?.Shortest ?? 40, 4, LongestWindow, "shortest window of the long split"),
        new("long_max_length", @long?.Longest ?? 48, 4, LongestWindow, "longest window of the long split"),
        new("max_position", 99, 4, 99_999, "largest position, counting the one past the end; 99 keeps every cursor at two digits"),
        new("max_value", maxValue, 4, 9999, "largest hidden value"),
    ];

    protected override IReadOnlyList<ParameterRange> Parameters
    {
        get
        {
            ParameterRange[] window = [new("from", 0, 99_999), new("to", 0, 99_999), new("max_value", 4, 9999)];
            return Extra is { } extra ? [.. window, extra.Range] : window;
        }
    }

    protected override Dictionary<string, int> DrawNumbers(TaskSplit split, RandomSequence random, IReadOnlyDictionary<string, int> settings)
    {
        var prefix = split == TaskSplit.Long ? "long_" : "";
        var (shortest, longest) = (settings[prefix + "min_length"], settings[prefix + "max_length"]);
        if (shortest > longest) throw new TaskIdException($"{Name}: {prefix}min_length {shortest} must not exceed {prefix}max_length {longest}");
        if (longest > settings["max_position"])
            throw new TaskIdException($"{Name}: {prefix}max_length {longest} needs max_position {longest} or more, not {settings["max_position"]}");
        var length = random.NextInt(shortest, longest);
        var from = random.NextInt(0, settings["max_position"] - length);
        var numbers = new Dictionary<string, int> { ["from"] = from, ["to"] = from + length - 1, ["max_value"] = settings["max_value"] };
        if (Extra is { } extra) numbers[extra.Range.Name] = extra.Draw(random, settings);
        return numbers;
    }

    protected override string? FaultOf(IReadOnlyDictionary<string, int> numbers)
    {
        var length = numbers["to"] - numbers["from"] + 1;
        return length is < 2 or > LongestWindow ? $"parameter 'to' does not fit; from..to must hold 2..{LongestWindow} positions, not {length}" : null;
    }

    protected override FunctionEnvironment Make(FunctionInstance instance) => make(instance);
}

/// <summary>How many positions windows hold, both ends included.</summary>
internal sealed record LengthRange(int Shortest, int Longest);
