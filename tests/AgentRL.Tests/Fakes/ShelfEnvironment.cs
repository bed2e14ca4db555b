using System.Globalization;
using System.Text.RegularExpressions;
using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Tests.Fakes;

/// <summary>Look at all shelves first, then use the code of each: exact details that are needed long after they were seen.</summary>
internal sealed partial class ShelfEnvironment(int shelves, int padding = 0) : ToolEnvironment
{
    private EnvironmentTool[]? tools;
    private int used;
    private bool wrong;

    public override string TaskId => $"toy/shelves@{shelves}";

    public override string SystemText => "s";

    public override string TaskText => $"n={shelves}";

    public override string OracleState => "";

    public override IReadOnlyList<EnvironmentTool> Tools => tools ??=
    [
        new("look", "Shows a shelf.", [new("i", ToolParameterType.Integer, "shelf", 0, shelves - 1)], false, a => new Observation($"shelf {a.Integer("i")} holds code {Code((int)a.Integer("i"))} to the end.")),
        new("use", "Uses the next code.", [new("code", ToolParameterType.Text, "code")], true, a =>
        {
            wrong |= a.Text("code") != Code(used++);
            return new Observation((wrong ? "wrong" : "right") + new string('.', padding));
        }),
        new("answer", "Ends.", [], true, _ =>
        {
            Result = EnvironmentResult.Answered(!wrong && used == shelves);
            return new Observation("done");
        }),
    ];

    public static string Code(int shelf) => $"{(char)('a' + shelf)}{7 * (shelf + 3)}";

    public override object Snapshot() => (used, wrong, Result);

    public override void Restore(object snapshot) => (used, wrong, Result) = ((int, bool, EnvironmentResult))snapshot;

    public override IReferenceSolver CreateSolver() => new Solver(shelves);

    /// <summary>p counts the shelves seen and then the codes used; e lists the codes that are still needed, the next one first.</summary>
    internal sealed class Solver(int shelves) : IEvidenceSolver
    {
        private readonly SortedDictionary<int, string> codes = [];
        private int position;

        public List<string> Recalled { get; } = [];

        public IReadOnlyList<Evidence> Evidence => [.. codes.Keys.Select(i => new Evidence($"shelf{i}", "code", $"shelf {i} holds", "code", "end."))];

        public string? MissingEvidence => position >= shelves && position < 2 * shelves && !codes.ContainsKey(position - shelves) ? $"shelf{position - shelves}" : null;

        public IReadOnlyList<MemoryField> Memory
        {
            get
            {
                var needed = codes.Where(c => c.Key >= position - shelves).Select(c => $"{c.Key}:{c.Value}").ToList();
                MemoryField cursor = new("p", position.ToString(CultureInfo.InvariantCulture), MemoryRole.Cursor);
                return needed.Count == 0 ? [cursor] : [cursor, new("e", string.Join(',', needed), MemoryRole.Evidence)];
            }
        }

        public void Resume(string? carriedSummary)
        {
            var fields = MemoryField.Parse(carriedSummary);
            codes.Clear();
            position = fields.TryGetValue("p", out var p) && int.TryParse(p, CultureInfo.InvariantCulture, out var at) ? at : 0;
            foreach (var pair in fields.GetValueOrDefault("e", "").Split(',', StringSplitOptions.RemoveEmptyEntries))
                codes[int.Parse(pair.Split(':')[0], CultureInfo.InvariantCulture)] = pair.Split(':')[1];
        }

        public SolverTurn NextTurn() => new("",
            position < shelves ? ToolCall.Of("look", ("i", position)) :
            position < 2 * shelves ? ToolCall.Of("use", ("code", codes.GetValueOrDefault(position - shelves, "guess"))) : ToolCall.Of("answer"));

        public void Observe(Observation observation)
        {
            Take(observation.Text);
            position++;
        }

        public void Recall(string content)
        {
            Recalled.Add(content);
            Take(content);
        }

        private void Take(string text)
        {
            foreach (Match match in Shelf().Matches(text)) codes[int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)] = match.Groups[2].Value;
        }
    }

    [GeneratedRegex(@"shelf (\d+) holds code (\w+) to the end\.")]
    private static partial Regex Shelf();
}
