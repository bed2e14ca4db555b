using System.Text.Json.Nodes;
using AgentRL.Environments;
using CsCheck;

namespace AgentRL.Envs.Household.Tests;

/// <summary>What is hidden stays hidden under every combination of settings, until tools show it.</summary>
public sealed class HidingTests
{
    private static readonly Gen<(IEnvironmentDefinition Definition, JsonObject Parameters)> Hidden = Homes.Any.Select(home =>
    {
        home.Parameters["hide_initial_room"] = 1;
        if ((int)home.Parameters["opaque_ids"]! == 0) home.Parameters["opaque_ids"] = 4;
        return home;
    });

    [Fact]
    public void Before_looking_no_text_holds_a_name_of_the_room() => Hidden.Sample((definition, parameters) =>
    {
        var house = RulesTests.Model(definition, parameters);
        var names = house.Places.Concat(house.Things).ToArray();
        var home = definition.Create(parameters);
        var texts = new List<string> { home.SystemText, home.TaskText, home.OracleState };
        texts.AddRange(home.Tools.Select(t => t.Describe().ToString()));
        foreach (var tool in home.Tools.Where(t => t.Name != "look"))
            texts.Add(Homes.Call(home, tool.Name, [.. tool.Parameters.Select(p => p.Name == "place" ? "fridge1" : "lamp1")]).Text);
        texts.Add(home.OracleState);
        Assert.All(texts, t => Assert.DoesNotContain(names, t.Contains));
        Assert.Empty(home.OracleState);
    }, iter: 100);

    [Fact]
    public void Seeds_change_nothing_that_can_be_read_before_looking() => Gen.Select(Hidden, Gen.Int[0, int.MaxValue - 1]).Sample((hidden, seed) =>
    {
        var (definition, parameters) = hidden;
        var other = parameters.DeepClone().AsObject();
        other["seed"] = seed;
        var (one, two) = (definition.Create(parameters), definition.Create(other));
        Assert.Equal(one.SystemText + one.TaskText + one.OracleState, two.SystemText + two.TaskText + two.OracleState);
        Assert.Equal(one.Tools.Select(t => t.Describe()), two.Tools.Select(t => t.Describe()));
    }, iter: 100);

    [Fact]
    public void Refusals_tell_existing_names_from_made_up_ones_only_where_one_stands() => Hidden.Sample((definition, parameters) =>
    {
        var house = RulesTests.Model(definition, parameters);
        var home = definition.Create(parameters);
        foreach (var tool in home.Tools.Where(t => t.Name is not ("go_to" or "look" or "inventory")))
        {
            string[] real = [.. tool.Parameters.Select(p => p.Name == "place" ? house.Places[0] : house.Things.First())];
            foreach (var invented in new[] { "drawer00", "drawerZ0Z1" }) Assert.Equal(Homes.Call(home, tool.Name, [.. tool.Parameters.Select(_ => invented)]), Homes.Call(home, tool.Name, real));
        }
    }, iter: 60);

    [Fact]
    public void What_is_in_a_closed_place_is_neither_seen_nor_taken() => Hidden.Sample((definition, parameters) =>
    {
        var house = RulesTests.Model(definition, parameters);
        var home = definition.Create(parameters);
        foreach (var place in house.Places)
        {
            var seen = Homes.Call(home, "go_to", place);
            house.Do("go_to", place);
            if (house.WhyNot("open", place) is not null) continue;
            foreach (var thing in house.ThingsAt(place))
            {
                Assert.DoesNotContain(thing, seen.Text);
                Assert.DoesNotContain(thing, Homes.Call(home, "examine", place).Text);
                Assert.Equal(CallStatus.Refused, Homes.Call(home, "examine", thing).Status);
                Assert.Equal(CallStatus.Refused, Homes.Call(home, "take", thing, place).Status);
            }
        }
    }, iter: 40);

    [Theory, InlineData(Rendering.Compact), InlineData(Rendering.Verbose)]
    public void The_task_text_names_the_places_where_the_room_is_not_hidden(Rendering rendering)
    {
        foreach (var definition in HouseholdEnvironments.All)
        {
            var home = Homes.Create(definition, TaskSplit.Train, 0, rendering, ("hide_initial_room", 0));
            var places = Homes.NamesIn(Homes.Call(home, "look").Text);
            Assert.Equal(places, Homes.NamesIn(home.TaskText.Split('\n')[^1]));
            Assert.Equal(12, places.Count);
        }
    }

    [Theory, InlineData(0, CallStatus.Ok), InlineData(1, CallStatus.Refused)]
    public void A_second_look_is_a_setting(int lookOnce, CallStatus status)
    {
        var home = Homes.Create(Homes.Find("put"), TaskSplit.Train, 0, Rendering.Compact, ("look_once", lookOnce));
        Assert.Equal(lookOnce == 1, home.Tools.Single(t => t.Name == "look").ChangesState);
        var first = Homes.Call(home, "look");
        var second = Homes.Call(home, "look");
        Assert.Equal((CallStatus.Ok, status), (first.Status, second.Status));
        Assert.Equal(status == CallStatus.Ok ? first.Text : "nothing: looked", second.Text);
    }
}
