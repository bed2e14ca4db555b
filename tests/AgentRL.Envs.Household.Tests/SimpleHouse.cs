using AgentRL.Environments;

namespace AgentRL.Envs.Household.Tests;

/// <summary>
/// The rules once more, as plainly as possible, over names: what the family's code is compared with. It learns the room by walking through a twin of the
/// environment.
/// </summary>
internal sealed class SimpleHouse
{
    private readonly Dictionary<string, string> lies = [];
    private readonly HashSet<string> closed = [];
    private readonly HashSet<string> doors = [];
    private readonly HashSet<string> clean = [];
    private readonly Dictionary<string, string> heat = [];
    private readonly string kind;
    private readonly string wanted;
    private readonly string? goalPlace;
    private readonly bool lookOnce;
    private string? here;
    private string? held;
    private bool looked;

    public SimpleHouse(IEnvironment twin, string kind, string wanted, string? goalPlace, bool lookOnce)
    {
        (this.kind, this.wanted, this.goalPlace, this.lookOnce) = (kind, wanted, goalPlace, lookOnce);
        Places = Homes.NamesIn(Homes.Call(twin, "look").Text);
        foreach (var place in Places)
        {
            var seen = Homes.Call(twin, "go_to", place).Text.Split('\n')[0];
            if (seen == "closed" || seen.Contains("It is closed."))
            {
                closed.Add(place);
                doors.Add(place);
                seen = Homes.Call(twin, "open", place).Text;
            }
            foreach (var thing in Homes.NamesIn(seen).Where(n => !Places.Contains(n))) lies.Add(thing, place);
        }
    }

    public List<string> Places { get; }

    public IEnumerable<string> Things => lies.Keys;

    public string? Here => here;

    public string? Held => held;

    public bool Over { get; private set; }

    public IEnumerable<string> ThingsAt(string place) => lies.Where(l => l.Value == place).Select(l => l.Key);

    /// <summary>Carries a command out, if it applies: what a compact observation says, or the reason why not.</summary>
    public (bool Applies, string Text) Do(string tool, params string[] a)
    {
        var reason = WhyNot(tool, a);
        if (reason is not null) return (false, reason);
        switch (tool)
        {
            case "go_to": here = a[0]; return (true, Sight(here));
            case "open": closed.Remove(a[0]); return (true, Sight(a[0]));
            case "close": closed.Add(a[0]); break;
            case "take": lies[a[0]] = "hand"; held = a[0]; break;
            case "move": lies[a[0]] = a[1]; held = null; break;
            case "clean": clean.Add(a[0]); break;
            case "heat" or "cool": heat[a[0]] = tool == "heat" ? "hot" : "cool"; break;
            case "use": Over |= kind == "examine" && held is not null && Homes.Type(held) == wanted; break;
            case "examine": return (true, a[0] == here ? Sight(here) : State(a[0]));
            case "look": looked = true; return (true, string.Join(' ', Places));
            case "inventory": return (true, held ?? "nothing");
        }
        var needed = kind switch { "clean" => "clean", "heat" => "hot", "cool" => "cool", _ => "" };
        var there = lies.Count(l => Homes.Type(l.Key) == wanted && Homes.Type(l.Value) == goalPlace && State(l.Key).Contains(needed));
        Over |= goalPlace is not null && there >= (kind == "put_two" ? 2 : 1);
        return (true, "ok");
    }

    public string? WhyNot(string tool, params string[] a)
    {
        var at = tool switch { "use" or "open" or "close" => a[0], "take" or "move" or "clean" or "heat" or "cool" => a[1], _ => null };
        if (at is not null && at != here) return "not here";
        switch (tool)
        {
            case "go_to": return Places.Contains(a[0]) ? null : "unknown place";
            case "open": return !doors.Contains(at!) ? "no door" : closed.Contains(at!) ? null : "open";
            case "close": return !doors.Contains(at!) ? "no door" : closed.Contains(at!) ? "closed" : null;
            case "take": return closed.Contains(at!) ? "closed" : held is not null ? "hands full" : lies.GetValueOrDefault(a[0]) == at ? null : "not there";
            case "move": return held != a[0] ? "not held" : Homes.Type(at!) == "lamp" ? "no room" : closed.Contains(at!) ? "closed" : null;
            case "clean" or "heat" or "cool":
                if (held != a[0]) return "not held";
                if (Homes.Type(at!) != tool switch { "clean" => "sink", "heat" => "microwave", _ => "fridge" }) return "wrong place";
                return ((string)Homes.Table["objects"]![Homes.Type(held)]!["can"]!).Contains(tool) ? null : "no use";
            case "use": return Homes.Type(at!) == "lamp" ? null : "no use";
            case "examine": return a[0] == here || a[0] == held || here is not null && lies.GetValueOrDefault(a[0]) == here && !closed.Contains(here) ? null : "not in sight";
            case "look": return looked && lookOnce ? "looked" : null;
            default: return null;
        }
    }

    private string Sight(string place) => closed.Contains(place) ? "closed" : ThingsAt(place).Any() ? string.Join(' ', ThingsAt(place)) : "empty";

    private string State(string thing)
    {
        var words = new[] { clean.Contains(thing) ? "clean" : null, heat.GetValueOrDefault(thing) }.OfType<string>().ToArray();
        return words.Length == 0 ? "plain" : string.Join(' ', words);
    }
}
