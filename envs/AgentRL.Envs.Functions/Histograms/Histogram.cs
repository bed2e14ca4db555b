using System.Collections.Immutable;
using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Histograms;

/// <summary>
/// The largest rectangle under a skyline, by the classic stack, which the server keeps. The heights force the order of pushes and pops, and
/// each area is told once, by the pop that yields it: whoever forgets that turn must ask <c>observe()</c>, which repeats the last area.
/// </summary>
internal sealed class Histogram : FunctionEnvironment
{
    private readonly int[] heights;
    private Progress progress;

    public Histogram(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        heights = [.. Enumerable.Range(0, instance.Length).Select(_ => random.NextInt(1, instance.MaxValue))];
        progress = new(instance.From, ImmutableStack<int>.Empty, null);
    }

    public override string TaskText => Instance.Text(Window, $"The bars stand at the positions {Instance.From} to {Instance.To}, both included.");

    internal override string Content => $"{Window} {string.Join(',', heights)}";

    protected override string Title => "rectangle";

    protected override string Explanation => "Find the area of the largest rectangle that fits under the bars of a histogram. The server keeps a stack of bars. "
        + "Push the bars in order; before a bar that is lower than the top of the stack, pop the top, giving the position of the lower bar: "
        + "this tells the area of the widest rectangle as high as the popped bar. After the last bar, drain the stack bar by bar. "
        + "Each reply says what comes next.";

    protected override object? State
    {
        get => progress;
        set => progress = (Progress)value!;
    }

    private string Window => $"{Instance.From}..{Instance.To}";

    private Move Next => progress.Next > Instance.To
        ? progress.Stack.IsEmpty ? Move.Done : Move.Drain
        : !progress.Stack.IsEmpty && HeightAt(progress.Stack.Peek()) > HeightAt(progress.Next) ? Move.Pop : Move.Push;

    protected override bool IsRight(long answer) => answer == LargestArea();

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("push", "Pushes the next bar on the stack.", [Position()], changesState: true, arguments =>
        {
            if (Next != Move.Push || arguments.Integer("i") != progress.Next) return Standing(CallStatus.Refused);
            progress = progress with { Next = progress.Next + 1, Stack = progress.Stack.Push(progress.Next) };
            return Say(Sign, $"Pushed. {NextSentence}");
        });
        yield return Tool("pop", "Pops the top bar, which ends before bar i, and tells its area.", [Position()], changesState: true, arguments =>
            Next != Move.Pop || arguments.Integer("i") != progress.Next ? Standing(CallStatus.Refused) : Pop());
        yield return Tool("drain", "After the last bar, pops the top bar and tells its area.", [], changesState: true, _ =>
            Next != Move.Drain ? Standing(CallStatus.Refused) : Pop());
    }

    protected override Observation Observe() => Standing(CallStatus.Ok);

    protected override FunctionSolver NewSolver() => new HistogramSolver(Instance);

    private int HeightAt(int position) => heights[position - Instance.From];

    private Observation Pop()
    {
        var rest = progress.Stack.Pop(out var top);
        var left = rest.IsEmpty ? Instance.From - 1 : rest.Peek();
        var area = HeightAt(top) * (progress.Next - left - 1);
        progress = progress with { Stack = rest, LastArea = area };
        return Say($"{area} {Sign}", $"The area is {area}. {NextSentence}");
    }

    /// <summary>Next position, last area, next step.</summary>
    private Observation Standing(CallStatus status) => Say(
        $"{progress.Next} {(progress.LastArea is { } a ? a : "-")} {Sign}",
        $"The next position is {progress.Next}. {(progress.LastArea is { } area ? $"The last area is {area}." : "No bar has been popped.")} {NextSentence}",
        status);

    private string Sign => MoveWording.Sign(Next);

    private string NextSentence => MoveWording.Sentence(Next);

    /// <summary>By trying every pair of ends: independent of the stack.</summary>
    private long LargestArea()
    {
        var best = 0;
        for (var left = 0; left < heights.Length; left++)
        {
            var lowest = heights[left];
            for (var right = left; right < heights.Length; right++)
            {
                lowest = Math.Min(lowest, heights[right]);
                best = Math.Max(best, lowest * (right - left + 1));
            }
        }
        return best;
    }

    private sealed record Progress(int Next, ImmutableStack<int> Stack, int? LastArea);
}
