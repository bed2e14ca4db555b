using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Environments.Testing;
using CsCheck;

namespace AgentRL.Envs.Household.Tests;

/// <summary>Rooms: splits, names, and what lies where.</summary>
public sealed class LayoutTests
{
    public static TheoryData<string> Tasks => ContractTests.Tasks;

    [Theory, MemberData(nameof(Tasks))]
    public void Splits_share_no_room(string task)
    {
        var definition = HouseholdEnvironments.All.Single(d => d.Name == task);
        var seen = new Dictionary<string, TaskSplit>();
        foreach (var split in Enum.GetValues<TaskSplit>())
        {
            for (var k = 0; k < 200; k++)
            {
                var content = LayoutOf(definition.Create(EnvironmentContract.Parameters(definition, split, k, Rendering.Compact))).Content;
                Assert.True(seen.TryAdd(content, split) || seen[content] == split);
            }
        }
        Assert.True(seen.Count > 590, "draws repeat");
    }

    [Fact]
    public void Splits_share_no_room_whatever_the_settings() => Gen.Select(Homes.Any, Gen.Enum<TaskSplit>(), Gen.Int[0, 1000]).Sample((home, split, index) =>
    {
        var settings = home.Definition.Settings.ToDictionary(s => s.Name, s => (int)home.Parameters[s.Name]!);
        var layout = LayoutOf(home.Definition.Create(home.Definition.Draw(split, index, Rendering.Compact, settings)));
        Assert.Equal(split, layout.Split);
        Assert.Equal(layout.Content, LayoutOf(home.Definition.Create(home.Definition.Draw(split, index, Rendering.Verbose, settings))).Content);
    }, iter: 100);

    [Fact]
    public void Rooms_are_as_large_and_full_as_the_settings_say_and_keep_to_common_sense() => Homes.Any.Sample((definition, parameters) =>
    {
        var house = RulesTests.Model(definition, parameters);
        Assert.Equal((int)parameters["receptacles"]!, house.Places.Count);
        Assert.Equal((int)parameters["distractors"]! + (int)parameters["targets"]!, house.Things.Count());
        var room = Homes.Table["rooms"]![(string)parameters["room"]!]!.AsObject();
        foreach (var type in house.Places.GroupBy(Homes.Type)) Assert.InRange(type.Count(), 1, (int)room[type.Key]![1]!);
        foreach (var place in house.Places)
        {
            foreach (var thing in house.ThingsAt(place))
            {
                var facts = Homes.Table["objects"]![Homes.Type(thing)]!;
                Assert.Contains(Homes.Type(place), ((string)facts["in"]!).Split(' '));
                Assert.Contains((string)parameters["room"]!, ((string)facts["rooms"]!).Split(','));
            }
            var wanted = house.ThingsAt(place).Count(t => Homes.Type(t) == (string)parameters["object"]!);
            Assert.InRange(wanted, 0, 1);
            if (Homes.Type(place) == (string?)parameters["place"]) Assert.Equal(0, wanted);
            var position = house.Places.IndexOf(place);
            if (wanted > 0) Assert.InRange(position, (int)parameters["target_from"]!, (int)parameters["target_to"]!);
        }
        Assert.Equal((int)parameters["targets"]!, house.Things.Count(t => Homes.Type(t) == (string)parameters["object"]!));
    }, iter: 200);

    [Theory, MemberData(nameof(Tasks))]
    public void Wanted_objects_lie_everywhere_in_the_stretch_that_the_settings_give_and_nowhere_else(string task)
    {
        var definition = HouseholdEnvironments.All.Single(d => d.Name == task);
        var found = new SortedSet<int>();
        for (var k = 0; k < 40; k++)
        {
            var parameters = Homes.Parameters(definition, k % 2 == 0 ? TaskSplit.Train : TaskSplit.Eval, k, Rendering.Compact, ("target_from", 6), ("target_to", 9));
            Assert.Equal((6, 9), ((int)parameters["target_from"]!, (int)parameters["target_to"]!));
            var house = RulesTests.Model(definition, parameters);
            found.UnionWith(house.Places.Select((p, i) => (p, i)).Where(x => house.ThingsAt(x.p).Any(t => Homes.Type(t) == (string)parameters["object"]!)).Select(x => x.i));
        }
        Assert.Equal([6, 7, 8, 9], found);
    }

    [Theory]
    [InlineData("put", 1, 12, 0, 0, 0, 7)] // by default two thirds of the room
    [InlineData("put", 1, 12, 5, 0, 5, 7)]
    [InlineData("put", 1, 12, 11, 11, 11, 11)]
    [InlineData("put", 1, 12, 46, 46, 11, 11)] // the last place there is
    [InlineData("put", 2, 12, 46, 46, 10, 11)] // as many places as wanted objects
    [InlineData("put", 1, 12, 9, 4, 4, 4)] // the end counts
    [InlineData("put", 1, 12, 11, 0, 7, 7)]
    [InlineData("put_two", 2, 12, 0, 1, 0, 1)]
    [InlineData("put_two", 3, 12, 0, 1, 0, 2)]
    [InlineData("put_two", 2, 4, 46, 46, 2, 3)]
    public void Stretches_that_do_not_fit_the_room_are_cut(string task, int targets, int receptacles, int from, int to, int expectedFrom, int expectedTo)
    {
        var definition = Homes.Find(task);
        var rooms = Enumerable.Range(0, 60)
            .Select(k => Homes.Parameters(definition, TaskSplit.Train, k, Rendering.Compact, ("receptacles", receptacles), ("target_from", from), ("target_to", to)))
            .Where(p => (int)p["targets"]! == targets).ToArray();
        Assert.NotEmpty(rooms);
        foreach (var parameters in rooms)
        {
            Assert.Equal((expectedFrom, expectedTo), ((int)parameters["target_from"]!, (int)parameters["target_to"]!));
            Assert.Equal(targets, RulesTests.Model(definition, parameters).Things.Count(t => Homes.Type(t) == (string)parameters["object"]!));
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public void The_long_split_knows_no_stretch(string task)
    {
        var definition = HouseholdEnvironments.All.Single(d => d.Name == task);
        for (var k = 0; k < 10; k++)
        {
            var standard = Homes.Parameters(definition, TaskSplit.Long, k, Rendering.Compact);
            Assert.Equal((42, 46), ((int)standard["target_from"]!, (int)standard["target_to"]!));
            Assert.Equal(standard.ToJsonString(), Homes.Parameters(definition, TaskSplit.Long, k, Rendering.Compact, ("target_from", 5), ("target_to", 7)).ToJsonString());
        }
    }

    [Theory, InlineData("target_from"), InlineData("target_to")]
    public void Stretches_reach_from_the_first_place_to_the_last_of_the_largest_room(string setting) => Assert.All(HouseholdEnvironments.All, definition =>
    {
        var (_, standard, least, most, _) = definition.Settings.Single(s => s.Name == setting);
        Assert.Equal((0, 0, 46), (standard, least, most));
    });

    [Fact]
    public void No_two_things_share_an_id() => Homes.Any.Sample((definition, parameters) =>
    {
        var house = RulesTests.Model(definition, parameters);
        string[] names = [.. house.Places, .. house.Things];
        Assert.Equal(names.Length, names.Distinct().Count());
        var length = (int)parameters["opaque_ids"]!;
        var compact = (string)parameters["rendering"]! == "compact";
        string[] ids = [.. names.Select(n => n[(Homes.Type(n).Length + (compact ? 0 : 1))..])];
        Assert.Equal(names, names.Select((n, k) => $"{Homes.Type(n)}{(compact ? "" : " ")}{ids[k]}")); // the type first, and what is between it and the id
        if (length > 0) Assert.Equal(ids.Length, ids.Distinct().Count());
        if (length > 0) Assert.All(ids, id => Assert.Matches(compact ? "^([ABCDEFGHKM][0-9])+[ABCDEFGHKM]?$" : "^(?=.*[0-9])[a-z0-9]+$", id));
        if (length > 0) Assert.All(ids, id => Assert.Equal(length, id.Length));
        else Assert.All(names.GroupBy(Homes.Type), g => Assert.Equal(Enumerable.Range(1, g.Count()), g.Select(n => int.Parse(n[g.Key.Length..])).Order()));
    }, iter: 100);

    /// <summary>What follows a pair is then never ambiguous. Only where pairs run short may names share one.</summary>
    [Theory, InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void In_rooms_of_the_default_size_no_pair_is_in_two_names(int length)
    {
        var seen = new HashSet<string>();
        foreach (var definition in HouseholdEnvironments.All)
        {
            for (var k = 0; k < 40; k++)
            {
                var parameters = Homes.Parameters(definition, k % 2 == 0 ? TaskSplit.Train : TaskSplit.Eval, k, Rendering.Compact, ("opaque_ids", length));
                var names = NamesOf(RulesTests.Model(definition, parameters));
                Assert.Equal(20 + (int)parameters["targets"]!, names.Length);
                string[] pairs = [.. names.SelectMany(PairsOf)];
                Assert.Equal(pairs.Distinct(), pairs);
                seen.UnionWith(pairs);
            }
        }
        Assert.Equal(100, seen.Count);
    }

    [Fact]
    public void By_default_ids_have_four_signs() => Assert.All(HouseholdEnvironments.All, d => Assert.Equal(4, d.Settings.Single(s => s.Name == "opaque_ids").Default));

    [Fact]
    public void With_ids_of_four_signs_no_pair_is_in_two_names_of_any_room_that_leaves_some_unused() => Gen.Select(Homes.Any, Gen.Int[4, 20], Gen.Int[0, 17]).Sample((home, places, things) =>
    {
        var definition = home.Definition;
        var parameters = Homes.Parameters(definition, TaskSplit.Train, (int)home.Parameters["seed"]! % 1000, Rendering.Compact, ("opaque_ids", 4), ("receptacles", places), ("distractors", things));
        string[] pairs = [.. NamesOf(RulesTests.Model(definition, parameters)).SelectMany(PairsOf)];
        Assert.Equal(pairs.Distinct(), pairs);
    }, iter: 200);

    [Fact]
    public void Rooms_with_more_names_than_pairs_have_a_name_for_everything() => Assert.All(HouseholdEnvironments.All, definition =>
    {
        var house = RulesTests.Model(definition, Homes.Parameters(definition, TaskSplit.Long, 0, Rendering.Compact, ("opaque_ids", 3), ("distractors", 60)));
        var names = NamesOf(house);
        Assert.True(names.Length > 100, $"{names.Length} names");
        Assert.Equal(100, names.SelectMany(PairsOf).Distinct().Count()); // before one occurs twice all have occurred
        Assert.Equal(names.Length, names.Select(n => n[Homes.Type(n).Length..]).Distinct().Count());
    });

    [Theory, InlineData(Rendering.Compact), InlineData(Rendering.Verbose)]
    public void Ids_cannot_be_guessed_from_the_task(Rendering rendering)
    {
        var definition = Homes.Find("put");
        var parameters = Homes.Parameters(definition, TaskSplit.Train, 0, rendering);
        var names = new HashSet<string>();
        for (var seed = 0; seed < 30; seed++)
        {
            parameters["seed"] = seed;
            names.UnionWith(RulesTests.Model(definition, parameters).Places.Where(p => Homes.Type(p) == (string)parameters["place"]!));
        }
        Assert.True(names.Count > 25, $"only {names.Count} names for the goal in 30 rooms");
    }

    [Fact]
    public void Every_task_meets_many_goals() => Assert.All(HouseholdEnvironments.All, definition =>
    {
        var goals = Enumerable.Range(0, 200).Select(k => EnvironmentContract.Draw(definition, TaskSplit.Train, k, Rendering.Compact).TaskText).Distinct().Count();
        Assert.True(goals >= 15, $"{definition.Name}: {goals} goals");
    });

    [Theory]
    [InlineData("receptacles", "3", "whole number 4..47")]
    [InlineData("opaque_ids", "2", "parameter 'opaque_ids' does not fit; give 0 or 3..16")]
    [InlineData("object", "\"unicorn\"", "give one of apple")]
    [InlineData("object", "\"towel\"", "common sense")]
    [InlineData("place", "\"lamp\"", "common sense")]
    [InlineData("room", "7", "give one of kitchen")]
    [InlineData("target_to", "40", "give at most 11")]
    [InlineData("targets", "0", "whole number 1..3")]
    [InlineData("target_from", "9", "must hold")]
    [InlineData("target_from", "-1", "whole number 0..46")]
    [InlineData("target_to", "47", "whole number 0..46")]
    [InlineData("rendering", "\"Compact\"", "give one of compact, verbose")]
    [InlineData("colour", "1", "unknown parameter")]
    public void Parameters_that_do_not_fit_are_explained(string name, string value, string message)
    {
        var definition = Homes.Find("heat");
        var parameters = Homes.Parameters(definition, TaskSplit.Train, 0, Rendering.Compact);
        parameters[name] = JsonNode.Parse(value);
        Assert.Contains(message, Assert.Throws<TaskIdException>(() => definition.Create(parameters)).Message);
    }

    private static string[] NamesOf(SimpleHouse house) => [.. house.Places, .. house.Things];

    /// <summary>The different pairs of a letter and a digit in a name; one name may hold a pair twice.</summary>
    private static IEnumerable<string> PairsOf(string name)
    {
        var id = name[Homes.Type(name).Length..];
        return Enumerable.Range(0, id.Length / 2).Select(k => id.Substring(2 * k, 2)).Distinct();
    }

    private static Layout LayoutOf(IEnvironment environment) => ((HouseholdEnvironment)environment).Layout;
}
