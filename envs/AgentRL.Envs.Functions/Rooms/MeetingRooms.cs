using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Rooms;

/// <summary>The fewest rooms for hidden meetings: the most meetings that run at the start of any one.</summary>
internal sealed class MeetingRooms : FunctionEnvironment
{
    private readonly (int Start, int End)[] meetings;

    public MeetingRooms(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        meetings = new (int, int)[instance.Length];
        for (var k = 0; k < meetings.Length; k++)
        {
            var start = random.NextInt(0, instance.MaxValue);
            meetings[k] = (start, start + random.NextInt(1, Math.Max(1, instance.MaxValue / 2)));
        }
    }

    public override string TaskText => Instance.Text(Window, $"The meetings are numbered {Instance.From} to {Instance.To}, both included.");

    internal override string Content => $"{Window} {string.Join(',', meetings)}";

    protected override string Title => "rooms";

    protected override string Explanation => "Meetings must be put into rooms, and two that run at the same time need two rooms. Find the fewest rooms that suffice: "
        + "it is the largest number of meetings that run when some meeting starts, that meeting included.";

    private string Window => $"{Instance.From}..{Instance.To}";

    protected override bool IsRight(long answer) => answer == Enumerable.Range(0, 2 * Instance.MaxValue).Max(t => meetings.Count(m => m.Start <= t && t < m.End));

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("compare", "Tells (1 or 0) whether meeting j runs when meeting i starts.", [Position(), Position("j")], changesState: false, arguments =>
        {
            var (i, j) = (arguments.Integer("i"), arguments.Integer("j"));
            var (start, other) = (meetings[i - Instance.From].Start, meetings[j - Instance.From]);
            var runs = other.Start <= start && start < other.End ? 1 : 0;
            return Say($"{runs}", $"When meeting {i} starts, the number of rooms that meeting {j} takes is {runs}.");
        });
    }

    protected override Observation Observe() => Say(Window, $"The meetings are numbered {Instance.From} to {Instance.To}.");

    protected override FunctionSolver NewSolver() => new MeetingRoomsSolver(Instance);
}
