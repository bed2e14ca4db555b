using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Environments.Testing;
using AgentRL.Randomness;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Envs.Household.Tests;

/// <summary>Any commands, in any room: compared with rules written down a second time.</summary>
public sealed class RulesTests
{
    private const int Commands = 120;
    private static readonly string[] Tools = ["go_to", "go_to", "open", "close", "take", "take", "move", "clean", "heat", "cool", "use", "examine", "look", "inventory"];

    [Fact]
    public void Commands_do_what_simple_rules_say() => Gen.Select(Homes.Any, Gen.Int[0, 1_000_000]).Sample((home, seed) =>
    {
        var (definition, parameters) = home;
        var (environment, model) = (definition.Create(parameters), Model(definition, parameters));
        var random = RandomStream.Root(seed, "commands").Sequence();
        for (var k = 0; k < Commands && !model.Over; k++)
        {
            var (tool, arguments) = AnyCommand(model, random);
            var held = model.Held;
            var (applies, expected) = model.Do(tool, arguments);
            var observation = Homes.Call(environment, tool, arguments);
            var what = $"{environment.TaskId}: {tool}({string.Join(',', arguments)}) gave '{observation.Text}', not '{expected}'";
            Assert.True(observation.Status == (applies ? CallStatus.Ok : CallStatus.Refused), what);
            Assert.True(environment.Result.IsOver == model.Over && environment.Result.Reward == (model.Over ? 1 : 0), what);
            Assert.True(Says(parameters, observation.Text.Split('\n')[0], applies, expected, arguments, held), what);
            if ((int)parameters["hide_commands"]! == 0 && !model.Over) CheckCommands(parameters, observation.Text, model);
            else Assert.DoesNotContain('\n', observation.Text);
        }
    }, iter: 250);

    [Fact]
    public void The_oracle_state_leads_to_success_whatever_was_done_before() => Gen.Select(Homes.Any, Gen.Int[0, 1_000_000], Gen.Int[0, 60]).Sample((home, seed, commands) =>
    {
        var (definition, parameters) = home;
        var (environment, model) = (definition.Create(parameters), Model(definition, parameters));
        var random = RandomStream.Root(seed, "commands").Sequence();
        for (var k = 0; k < commands && !model.Over; k++)
        {
            var (tool, arguments) = AnyCommand(model, random);
            model.Do(tool, arguments);
            Homes.Call(environment, tool, arguments);
        }
        if (environment.Result.IsOver) return;
        var solver = environment.CreateSolver();
        solver.Resume(environment.OracleState);
        Assert.Equal(environment.OracleState, MemoryField.Render(solver.Memory));
        EnvironmentContract.Finish(environment, solver, EnvironmentContract.ArchiveOf(definition.Create(parameters)));
        Assert.True(environment.Result.Solved);
    }, iter: 250);

    [Fact]
    public void Heat_undoes_cool_and_the_reverse()
    {
        var (definition, parameters) = Enumerable.Range(0, 1000)
            .Select(k => (Definition: Homes.Find("heat"), Parameters: Homes.Parameters(Homes.Find("heat"), TaskSplit.Train, k, Rendering.Compact, ("receptacles", 30))))
            .First(p => Model(p.Definition, p.Parameters) is var m && m.Places.Any(n => Homes.Type(n) == "fridge") && m.Places.Any(n => Homes.Type(n) == "microwave"));
        var (environment, model) = (definition.Create(parameters), Model(definition, parameters));
        var egg = model.Things.First(t => Homes.Type(t) == (string)parameters["object"]!);
        var place = model.Places.First(p => model.ThingsAt(p).Contains(egg));
        string Place(string type) => model.Places.First(p => Homes.Type(p) == type);
        Homes.Call(environment, "go_to", place);
        Homes.Call(environment, "open", place);
        Assert.Equal("ok", Homes.Call(environment, "take", egg, place).Text);
        Assert.Equal("plain", Homes.Call(environment, "examine", egg).Text);
        foreach (var (type, tool, state) in new[] { ("microwave", "heat", "hot"), ("fridge", "cool", "cool"), ("microwave", "heat", "hot") })
        {
            Homes.Call(environment, "go_to", Place(type));
            Assert.Equal("ok", Homes.Call(environment, tool, egg, Place(type)).Text);
            Assert.Equal(state, Homes.Call(environment, "examine", egg).Text);
        }
    }

    internal static SimpleHouse Model(IEnvironmentDefinition definition, JsonObject parameters) => new(
        definition.Create(parameters), definition.Name["household/".Length..], (string)parameters["object"]!, (string?)parameters["place"], (int)parameters["look_once"]! == 1);

    /// <summary>Half of the commands are about what is at hand, so that they have a chance to apply.</summary>
    internal static (string Tool, string[] Arguments) AnyCommand(SimpleHouse house, RandomSequence random)
    {
        var tool = Tools[random.NextInt(0, Tools.Length - 1)];
        var sensible = random.NextBool(0.7);
        string[] near = [.. house.Here is null ? [] : house.ThingsAt(house.Here)];
        var thing = sensible && tool == "take" && near.Length > 0 ? Pick(near) : sensible && house.Held is not null ? house.Held : Pick([.. house.Things, "egg", "mug99999", "eggZ0Z0", string.Concat(house.Things.Take(2))]);
        var place = sensible && tool != "go_to" && house.Here is not null ? house.Here : Pick([.. house.Places, "", "fridge0", house.Places[0] + " ", house.Places[0] + house.Places[1], house.Places[^1][..^1]]);
        return tool switch
        {
            "look" or "inventory" => (tool, []),
            "take" or "move" or "clean" or "heat" or "cool" => (tool, [thing, place]),
            "examine" => (tool, [random.NextBool(0.3) ? place : near.Length > 0 && random.NextBool(0.5) ? Pick(near) : thing]),
            _ => (tool, [place]),
        };

        string Pick(string[] names) => names[random.NextInt(0, names.Length - 1)];
    }

    private static bool Says(JsonObject parameters, string text, bool applies, string expected, string[] arguments, string? held)
    {
        var explains = (int)parameters["explain_failures"]! == 1;
        if ((string)parameters["rendering"]! == "compact")
        {
            if (!applies) return text == (explains ? $"nothing: {expected}" : "nothing");
            var names = Homes.NamesIn(expected).Count > 0; // with nothing between them
            return (names ? Homes.Parts(text) : text.Split(' ')).Order().SequenceEqual(expected.Split(' ').Order());
        }
        if (!applies) return explains ? text.StartsWith("Nothing happens. ") && text.Length > 18 : text == "Nothing happens.";
        if (expected is "closed") return text.Contains("It is closed.");
        var named = Homes.NamesIn(expected);
        var others = arguments.Append(held);
        return named.All(text.Contains) && Homes.NamesIn(text).All(n => named.Contains(n) || others.Contains(n)) && new[] { "hot", "cool", "clean" }.All(w => text.Contains($" is {w}") || text.Contains($" and {w}.") ? expected.Contains(w) : !expected.Split(' ').Contains(w));
    }

    /// <summary>Every command listed applies, and none that is about this place is missing.</summary>
    private static void CheckCommands(JsonObject parameters, string text, SimpleHouse house)
    {
        var line = text.Split('\n')[1].Replace("You can: ", "");
        string[] listed = [.. line.Split((string)parameters["rendering"]! == "compact" ? ") " : "), ").Select(c => c.TrimEnd(')'))];
        foreach (var command in listed)
        {
            var parts = command.Split('(', 2);
            Assert.Null(house.WhyNot(parts[0], parts[1].Length == 0 ? [] : parts[1].Split(',')));
        }
        if (house.Here is null) return;
        foreach (var tool in new[] { "open", "close", "use" }) Assert.Equal(house.WhyNot(tool, house.Here) is null, listed.Contains($"{tool}({house.Here}"));
        foreach (var thing in house.Things)
        {
            foreach (var tool in new[] { "take", "move", "clean", "heat", "cool" }) Assert.Equal(house.WhyNot(tool, thing, house.Here) is null, listed.Contains($"{tool}({thing},{house.Here}"));
        }
    }
}
