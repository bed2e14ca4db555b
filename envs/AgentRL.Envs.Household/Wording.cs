using System.Text.RegularExpressions;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Household;

/// <summary>How the world reads and is read: bare names in the compact rendering, sentences in the verbose one.</summary>
internal sealed partial class Wording(Rendering rendering)
{
    private const string Closed = "It is closed.";

    private bool Compact => rendering == Rendering.Compact;

    /// <summary>A goal as the task text states it.</summary>
    public string Task(Goal goal)
    {
        if (Compact) return string.Join('\n', new[] { KindWord(goal.Kind), goal.Object.Name, goal.Place?.Name }.OfType<string>()); // blanks would make other tokens of the words
        var thing = $"{Article(goal.Object.Name)} {goal.Object.Name}";
        var place = goal.Place is null ? "" : $"{Article(goal.Place.Name)} {goal.Place.Name}";
        return "Your task: " + goal.Kind switch
        {
            TaskKind.Put => $"find {thing} and put it in or on {place}.",
            TaskKind.PutTwo => $"find two things of the kind {goal.Object.Name} and put both in or on {place}.",
            TaskKind.Examine => $"look at {thing} in the light of a {goal.Appliance!.Name}.",
            _ => $"{KindWord(goal.Kind)} {thing} and put it in or on {place}.",
        };
    }

    /// <summary>What looking around says.</summary>
    public string Room(RoomType room, IReadOnlyList<string> places) =>
        Compact ? string.Concat(places) : $"You look around the {room.Name}. You see {List(places)}.";

    /// <summary>What arriving at a place says.</summary>
    public string Arrival(PlaceType type, string place, bool closed, IReadOnlyList<string> things) =>
        Compact ? Place(type, closed, things) : $"You are at {place} now. {Place(type, closed, things)}";

    /// <summary>What a place that was opened holds.</summary>
    public string Opened(PlaceType type, string place, IReadOnlyList<string> things) =>
        Compact ? Place(type, false, things) : $"You open {place}. {Place(type, false, things)}";

    /// <summary>What is to be seen at a place.</summary>
    public string Place(PlaceType type, bool closed, IReadOnlyList<string> things)
    {
        if (Compact) return closed ? "closed" : things.Count == 0 ? "empty" : string.Concat(things);
        if (closed) return Closed;
        var where = type.Openable ? "inside" : "there";
        return things.Count == 0 ? $"You see nothing {where} that you could carry." : $"You see {List(things)} {where}.";
    }

    /// <summary>What a closer look at an object says.</summary>
    public string Thing(string thing, bool clean, Heat heat)
    {
        string[] state = [.. clean ? ["clean"] : Array.Empty<string>(), .. heat == Heat.None ? [] : new[] { heat == Heat.Hot ? "hot" : "cool" }];
        if (Compact) return state.Length == 0 ? "plain" : string.Join(' ', state);
        return state.Length == 0 ? $"There is nothing special about {thing}." : $"You notice that {thing} is {string.Join(" and ", state)}.";
    }

    /// <summary>What one carries.</summary>
    public string Inventory(string? held) => Compact ? held ?? "nothing" : held is null ? "Your hands are empty." : $"You are carrying {held}.";

    /// <summary>A command that was carried out.</summary>
    public string Done(string sentence) => Compact ? "ok" : sentence;

    /// <summary>A command that does not apply.</summary>
    /// <param name="reason">In a few words; null where failures are not explained.</param>
    /// <param name="sentence">The reason as a sentence.</param>
    public string Nothing(string? reason, string sentence) => Compact
        ? reason is null ? "nothing" : $"nothing: {reason}"
        : reason is null ? "Nothing happens." : $"Nothing happens. {sentence}";

    /// <summary>The commands that can be given now, as an observation's last line.</summary>
    public string Commands(IEnumerable<string> commands) => Compact ? $"\n{string.Join(' ', commands)}" : $"\nYou can: {string.Join(", ", commands)}";

    /// <summary>What a solver thinks when it goes on to the place that the list names after the last one.</summary>
    public string OnTo(string last, string next) => Compact ? last + next : $"After {last} comes {next}. ";

    /// <summary>What else goes on in a house. Names nothing.</summary>
    public static string Noise(RandomSequence random) => random.NextInt(0, 6) switch
    {
        0 => $" Somewhere a door slams {random.NextInt(2, 5)} times.",
        1 => $" It is {random.NextInt(7, 21)}:{random.NextInt(10, 59)}, and a neighbour has turned on the radio.",
        2 => " The floor creaks under your feet.",
        3 => $" A delivery van, number {random.NextInt(100, 999)}, passes by outside.",
        _ => "",
    };

    /// <summary>The names of places in a text, in order.</summary>
    public List<string> PlacesIn(string text) => NamesIn(text, CommonSense.Table.Places.ContainsKey);

    /// <summary>The part of a text that holds its names, from the first to the last. The commands that may follow in a line of their own are no part of it.</summary>
    public static string Span(string text, List<string> names)
    {
        var line = FirstLine(text);
        return line[line.IndexOf(names[0], StringComparison.Ordinal)..(line.LastIndexOf(names[^1], StringComparison.Ordinal) + names[^1].Length)];
    }

    /// <summary>The names of objects in a text, in order. The commands that may follow in a line of their own are no part of it.</summary>
    public List<string> ObjectsIn(string text) => NamesIn(text, CommonSense.Table.Objects.ContainsKey);

    /// <summary>Whether an observation says that the place is closed.</summary>
    public bool SaysClosed(string text) => Compact ? FirstLine(text) == "closed" : FirstLine(text).Contains(Closed, StringComparison.Ordinal);

    /// <summary>The type in a name.</summary>
    public static string TypeOf(string name)
    {
        var end = 0;
        while (end < name.Length && char.IsAsciiLetterLower(name[end])) end++;
        return name[..end];
    }

    /// <summary>A name as a memory field holds it.</summary>
    public static string ToField(string name) => name.Replace(' ', '_');

    /// <summary>The name in a memory field, or null if it is none.</summary>
    public string? FromField(string? field)
    {
        var name = field?.Replace('_', ' ');
        return name is { Length: < 60 } && (Compact ? CompactName() : VerboseName()).Match(name) is { Success: true } match && match.Length == name.Length ? name : null;
    }

    private List<string> NamesIn(string text, Func<string, bool> isType)
    {
        var names = new List<string>();
        foreach (var match in (Compact ? CompactName() : VerboseName()).EnumerateMatches(FirstLine(text)))
        {
            var name = text.Substring(match.Index, match.Length);
            if (isType(TypeOf(name))) names.Add(name);
        }
        return names;
    }

    private static string FirstLine(string text) => text.IndexOf('\n') is >= 0 and var end ? text[..end] : text;

    private static string KindWord(TaskKind kind) => kind == TaskKind.PutTwo ? "put_two" : kind.ToString().ToLowerInvariant();

    private static string Article(string word) => "aeiou".Contains(word[0]) ? "an" : "a";

    private static string List(IReadOnlyList<string> names) => names.Count == 1 ? names[0] : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";

    [GeneratedRegex(@"[a-z]+(?:[A-Z][A-Z0-9]{0,15}|[0-9]{1,3})(?![A-Z0-9])")]
    private static partial Regex CompactName();

    [GeneratedRegex(@"\b[a-z]+ (?=[a-z]*[0-9])[a-z0-9]{1,16}\b")]
    private static partial Regex VerboseName();
}
