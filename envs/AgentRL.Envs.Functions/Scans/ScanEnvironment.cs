using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Scans;

/// <summary>A hidden list at the positions of a window, read value by value. What the policy makes of the values is the subclass's.</summary>
internal abstract class ScanEnvironment : FunctionEnvironment
{
    protected ScanEnvironment(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        Values = [.. Enumerable.Range(0, instance.Length).Select(_ => random.NextInt(0, instance.MaxValue))];
    }

    /// <summary>The hidden list.</summary>
    protected int[] Values { get; }

    /// <summary>The right answer.</summary>
    protected abstract long Answer { get; }

    /// <summary>The tool that reads.</summary>
    protected virtual string ToolName => "get";

    /// <summary>What it is for.</summary>
    protected virtual string ToolPurpose => "Reads the value at a position.";

    public override string TaskText => Instance.Text(Window, $"The list covers the positions {Instance.From} to {Instance.To}, both included.");

    internal override string Content => $"{Window} {string.Join(',', Values)}";

    /// <summary>The window as compact texts write it.</summary>
    protected string Window => $"{Instance.From}..{Instance.To}";

    protected sealed override bool IsRight(long answer) => answer == Answer;

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool(ToolName, ToolPurpose, [Position()], changesState: false, arguments =>
        {
            var i = arguments.Integer("i");
            var value = Read((int)i - Instance.From);
            return i < Instance.To
                ? Say($"{value}", $"The value found at position {i} is {value}.")
                : Say($"{value} .", $"The value found at position {i} is {value}. The list ends here.");
        });
    }

    /// <summary>What the tool reads at an offset in the window.</summary>
    protected virtual int Read(int offset) => Values[offset];

    protected sealed override Observation Observe() => Say(Window, $"The list covers the positions {Instance.From} to {Instance.To}.");
}
