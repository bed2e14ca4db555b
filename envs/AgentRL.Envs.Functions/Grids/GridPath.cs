using System.Collections.Immutable;
using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Grids;

/// <summary>
/// A cave of grid cells, searched breadth first from a start: how many steps away the farthest cell is. The server keeps the queue and knows which cells have
/// been seen; the policy must keep the layers apart.
/// </summary>
internal sealed class GridPath : FunctionEnvironment
{
    private static readonly (int X, int Y)[] Directions = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    private readonly List<(int X, int Y)> places = [(0, 0)];
    private readonly int[] labels;
    private Search search;

    public GridPath(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        while (places.Count < instance.Length)
        {
            var (from, direction) = (places[random.NextInt(0, places.Count - 1)], Directions[random.NextInt(0, 3)]);
            var place = (from.X + direction.X, from.Y + direction.Y);
            if (!places.Contains(place)) places.Add(place);
        }
        labels = [.. Enumerable.Range(instance.From, instance.Length)];
        random.Shuffle(labels);
        search = new(instance.From, null, 0, [0], [0]);
    }

    public override string TaskText => Instance.Text(Window, $"There are {Instance.Length} cells, with labels from {Instance.From} to {Instance.To}; the counter of explored cells starts at {Instance.From}.");

    internal override string Content => $"{Window} {string.Join(',', labels)} {string.Join(',', places)}";

    protected override string Title => "cave";

    protected override string Explanation => "Explore a cave of grid cells breadth first, and find how many steps the farthest cell is from the start. The server keeps the queue: "
        + "take the next cell from it, then look at that cell's neighbours; those not seen before join the queue.";

    protected override object? State
    {
        get => search;
        set => search = (Search)value!;
    }

    private string Window => $"{Instance.From}..{Instance.To}";

    protected override bool IsRight(long answer) => answer == FarthestDistance();

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("next", "Takes the next cell from the queue.", [], changesState: true, _ =>
        {
            if (search.Current is not null || search.Queue.IsEmpty) return Standing(CallStatus.Refused);
            search = search with { Current = search.Queue.Peek(), Queue = search.Queue.Dequeue() };
            var cell = labels[search.Current.Value];
            return Say($"{cell}", $"The next cell is {cell}.");
        });
        yield return Tool("neighbors", "Queues the unseen neighbours of the cell just taken, and tells how many.", [Position("cell")], changesState: true, arguments =>
        {
            if (search.Current is not { } current || labels[current] != arguments.Integer("cell")) return Standing(CallStatus.Refused);
            var unseen = Neighbours(current).Where(n => !search.Seen.Contains(n)).ToArray();
            search = new(search.Counter + 1, null, unseen.Length, unseen.Aggregate(search.Queue, (q, n) => q.Enqueue(n)), search.Seen.Union(unseen));
            return Say($"{unseen.Length}", $"The number of neighbours that joined the queue is {unseen.Length}.");
        });
    }

    protected override Observation Observe() => Standing(CallStatus.Ok);

    protected override FunctionSolver NewSolver() => new GridPathSolver(Instance);

    /// <summary>Counter of explored cells, the cell taken, and how many neighbours joined last.</summary>
    private Observation Standing(CallStatus status)
    {
        var cell = search.Current is { } c ? $"{labels[c]}" : null;
        return Say(
            $"{search.Counter} {cell ?? "-"} {search.Joined}",
            $"The counter is {search.Counter}, {(cell is null ? "no cell has been taken" : $"the cell taken is {cell}")}, and the number of neighbours that joined last is {search.Joined}.",
            status);
    }

    private IEnumerable<int> Neighbours(int cell) =>
        Directions.Select(d => places.IndexOf((places[cell].X + d.X, places[cell].Y + d.Y))).Where(n => n >= 0);

    /// <summary>By relaxing distances until nothing changes: independent of the queue.</summary>
    private int FarthestDistance()
    {
        var distance = Enumerable.Repeat(places.Count, places.Count).ToArray();
        distance[0] = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var cell = 1; cell < places.Count; cell++)
            {
                var shorter = Neighbours(cell).Min(n => distance[n]) + 1;
                if (shorter >= distance[cell]) continue;
                distance[cell] = shorter;
                changed = true;
            }
        }
        return distance.Max();
    }

    private sealed record Search(int Counter, int? Current, int Joined, ImmutableQueue<int> Queue, ImmutableHashSet<int> Seen);
}
