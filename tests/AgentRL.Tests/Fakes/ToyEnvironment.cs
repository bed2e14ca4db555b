using System.Globalization;
using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Tests.Fakes;

/// <summary>Add up hidden values: <c>get(i)</c> shows one, <c>inc()</c> counts, <c>fill(n)</c> talks at length, <c>answer(n)</c> ends.</summary>
internal sealed class ToyEnvironment(IReadOnlyList<int> values, bool canRestore = true) : ToolEnvironment
{
    private EnvironmentTool[]? tools;
    private State state = new(0, 0, 0);

    public ToyEnvironment()
        : this([3, 1, 4])
    {
    }

    private sealed record State(int Seen, int Sum, int Count);

    public override string TaskId => $"toy/sum@{string.Join(',', values)}";

    public override string SystemText => "s";

    public override string TaskText => $"n={values.Count}";

    public override bool CanRestore => canRestore;

    public string? Oracle { get; init; }

    public override string OracleState => Oracle ?? $"i={state.Seen} s={state.Sum}";

    public int Count => state.Count;

    public int Calls { get; private set; }

    public override IReadOnlyList<EnvironmentTool> Tools => tools ??=
    [
        new("get", "Shows value i.", [new("i", ToolParameterType.Integer, "index", 0, values.Count - 1)], false, a =>
        {
            var i = (int)a.Integer("i");
            if (i == state.Seen) state = state with { Seen = i + 1, Sum = state.Sum + values[i] };
            return Said($"v={values[i]}");
        }),
        new("inc", "Counts.", [], true, _ =>
        {
            state = state with { Count = state.Count + 1 };
            return Said($"c={state.Count}");
        }),
        new("fill", "Talks.", [new("n", ToolParameterType.Integer, "length", 0, 100_000)], false, a => Said(new string('x', (int)a.Integer("n")))),
        new("say", "Echoes.", [new("t", ToolParameterType.Text, "text")], false, a => Said(a.Text("t"))),
        new("answer", "Ends.", [new("n", ToolParameterType.Integer, "sum")], true, a =>
        {
            Result = EnvironmentResult.Answered(a.Integer("n") == values.Sum());
            return Said("done");
        }),
    ];

    public override object Snapshot() => canRestore ? (state, Result) : throw new NotSupportedException();

    public override void Restore(object snapshot) => (state, Result) = ((State, EnvironmentResult))snapshot;

    public override IReferenceSolver CreateSolver() => new Solver(values.Count);

    private Observation Said(string text)
    {
        Calls++;
        return new Observation(text);
    }

    /// <summary>Knows where it is (i), what it found (s) and the newest value.</summary>
    internal sealed class Solver(int count) : IReferenceSolver
    {
        private int index;
        private int sum;
        private int last;

        public List<string> Observed { get; } = [];

        public IReadOnlyList<MemoryField> Memory =>
        [
            new("i", index.ToString(CultureInfo.InvariantCulture), MemoryRole.Cursor),
            new("s", sum.ToString(CultureInfo.InvariantCulture), MemoryRole.Accumulator, last.ToString(CultureInfo.InvariantCulture)),
        ];

        public void Resume(string? carriedSummary)
        {
            var fields = MemoryField.Parse(carriedSummary);
            (index, sum, last) = (Read("i"), Read("s"), 0);

            int Read(string name) => fields.TryGetValue(name, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : 0;
        }

        public SolverTurn NextTurn() =>
            new("", index < count ? ToolCall.Of("get", ("i", index)) : ToolCall.Of("answer", ("n", sum)));

        public void Observe(Observation observation)
        {
            Observed.Add(observation.Text);
            if (observation.Status != CallStatus.Ok || !observation.Text.StartsWith("v=", StringComparison.Ordinal)) return;
            last = int.Parse(observation.Text.AsSpan(2), CultureInfo.InvariantCulture);
            sum += last;
            index++;
        }
    }
}
