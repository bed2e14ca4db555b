using System.Globalization;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Household;

/// <summary>The names of all things of a room: a type and an id, <c>eggK7Q2</c>, <c>egg1</c> or <c>egg k3f9</c>. No two things share an id, unless ids are plain numbers.</summary>
internal sealed class Names
{
    private const string Digits = "0123456789";
    private const string Signs = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string Letters = "ABCDEFGHKM"; // few, so that a policy that starts from nothing sees each of the 100 pairs often; two pairs make 10,000 ids
    private const int Attempts = 1000;

    /// <summary>Draws the names of a room.</summary>
    public Names(HouseholdInstance instance, Layout layout)
    {
        var random = instance.Stream("names").Sequence();
        var (names, pairs) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var (compact, opaque) = (instance.Rendering == Rendering.Compact, instance.OpaqueIds > 0);
        Places = [.. layout.Places.Select(p => Name(p.Name))];
        Objects = [.. layout.Objects.Select(o => Name(o.Name))];

        string Name(string type)
        {
            for (var number = 1; ; number++)
            {
                var id = opaque ? Opaque(instance, random) : number.ToString(CultureInfo.InvariantCulture);
                // While there are pairs enough, one occurs in one name only, and once: what follows it is never ambiguous.
                if (compact && opaque && number <= Attempts && (Pairs(id).Any(pairs.Contains) || Pairs(id).Distinct().Count() < id.Length / 2)) continue;
                var name = compact ? type + id : $"{type} {id}";
                if (!names.Add(opaque ? id : name)) continue;
                pairs.UnionWith(Pairs(id));
                return name;
            }
        }
    }

    /// <summary>The places' names, in their order.</summary>
    public string[] Places { get; }

    /// <summary>The objects' names, in their order.</summary>
    public string[] Objects { get; }

    private static IEnumerable<string> Pairs(string id) => id.Chunk(2).Where(p => p.Length == 2).Select(p => new string(p));

    private static string Opaque(HouseholdInstance instance, RandomSequence random)
    {
        var compact = instance.Rendering == Rendering.Compact;
        var id = new char[instance.OpaqueIds];
        for (var k = 0; k < id.Length; k++)
        {
            // K7Q2: a capital letter and a digit are one token of a small vocabulary.
            var signs = !compact ? Signs : k % 2 == 0 ? Letters : Digits;
            id[k] = signs[random.NextInt(0, signs.Length - 1)];
        }
        // At least one digit, so that an id is never an English word.
        if (!compact) id[random.NextInt(0, id.Length - 1)] = Digits[random.NextInt(0, 9)];
        return new string(id);
    }
}
