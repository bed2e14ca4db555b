namespace AgentRL.Envs.Household;

/// <summary>How warm an object is.</summary>
internal enum Heat : byte
{
    None,
    Hot,
    Cool,
}

/// <summary>All that commands change, and what has been seen of it. Copied by snapshots.</summary>
internal sealed class RoomState
{
    /// <summary>Where an object is that is in hand; also no place, and no object.</summary>
    public const int None = -1;

    private RoomState(RoomState other)
    {
        (Location, Clean, Heat, Open, Seen) = ([.. other.Location], [.. other.Clean], [.. other.Heat], [.. other.Open], [.. other.Seen]);
        (Here, Held, Looked, Searched) = (other.Here, other.Held, other.Looked, other.Searched);
    }

    public RoomState(Layout layout)
    {
        Location = [.. layout.Start];
        Clean = new bool[layout.Objects.Length];
        Heat = new Heat[layout.Objects.Length];
        Open = [.. layout.Places.Select(p => !p.Openable)];
        Seen = new bool[layout.Places.Length];
    }

    /// <summary>For each object its place, or <see cref="None"/> while it is in hand.</summary>
    public int[] Location { get; }

    public bool[] Clean { get; }

    public Heat[] Heat { get; }

    /// <summary>For each place, whether one can reach what is there.</summary>
    public bool[] Open { get; }

    /// <summary>For each place, whether it has been seen what is there.</summary>
    public bool[] Seen { get; }

    /// <summary>Where one stands; <see cref="None"/> in the middle of the room.</summary>
    public int Here { get; set; } = None;

    /// <summary>What is in hand.</summary>
    public int Held { get; set; } = None;

    public bool Looked { get; set; }

    /// <summary>The last place that was searched with empty hands, and is done with.</summary>
    public int Searched { get; set; } = None;

    public RoomState Copy() => new(this);
}
