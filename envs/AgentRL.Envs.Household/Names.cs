using System.Globalization;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Household;

/// <summary>The names of all things of a room: a type and an id, <c>K7eggQ2</c> or <c>egg k3f9</c>. No two things share an id, unless ids are plain numbers.</summary>
internal sealed class Names
{
    private const string Digits = "0123456789";
    private const string Signs = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Draws the names of a room.</summary>
    public Names(HouseholdInstance instance, Layout layout)
    {
        var random = instance.Stream("names").Sequence();
        var used = new HashSet<string>(StringComparer.Ordinal);
        var compact = instance.Rendering == Rendering.Compact;
        Places = [.. layout.Places.Select(p => Name(p.Name))];
        Objects = [.. layout.Objects.Select(o => Name(o.Name))];

        string Name(string type)
        {
            for (var number = 1; ; number++)
            {
                var id = instance.OpaqueIds > 0 ? Opaque(instance, random) : number.ToString(CultureInfo.InvariantCulture);
                // Between two signs of its id a type is the same token wherever the name stands, and names need nothing between them.
                var name = !compact ? $"{type} {id}" : instance.OpaqueIds > 0 ? $"{id[..2]}{type}{id[2..]}" : $"{type}{id}";
                if (used.Add(instance.OpaqueIds > 0 ? id : name)) return name;
            }
        }
    }

    /// <summary>The places' names, in their order.</summary>
    public string[] Places { get; }

    /// <summary>The objects' names, in their order.</summary>
    public string[] Objects { get; }

    private static string Opaque(HouseholdInstance instance, RandomSequence random)
    {
        var compact = instance.Rendering == Rendering.Compact;
        var id = new char[instance.OpaqueIds];
        for (var k = 0; k < id.Length; k++)
        {
            // K7Q2: a capital letter and a digit are one token of a small vocabulary, one of 260; with so many, what follows one in a room is seldom ambiguous.
            var signs = !compact ? Signs : k % 2 == 0 ? Letters : Digits;
            id[k] = signs[random.NextInt(0, signs.Length - 1)];
        }
        // At least one digit, so that an id is never an English word.
        if (!compact) id[random.NextInt(0, id.Length - 1)] = Digits[random.NextInt(0, 9)];
        return new string(id);
    }
}
