using AgentRL.Environments;
using CsCheck;

namespace AgentRL.Envs.Household.Tests;

/// <summary>Compact names need nothing between them: whoever reads a list finds where each ends, whatever the length of the ids, and also where ids are numbers.</summary>
public sealed class NamesTests
{
    private const string Letters = "ABCDEFGHKM";

    private static readonly string[] PlaceTypes = [.. Homes.Table["rooms"]!.AsObject().SelectMany(r => r.Value!.AsObject().Select(p => p.Key)).Distinct()];
    private static readonly string[] ObjectTypes = [.. Homes.Table["objects"]!.AsObject().Select(o => o.Key)];

    /// <summary>A length of ids (0: they are numbers), any places with such ids, and a thing. Letter and digit of a pair are one number, 0..99.</summary>
    private static readonly Gen<(int Length, string[] Places, string Thing)> AnyNames = Gen.Int[1, 16].Select(n => n < 3 ? 0 : n).SelectMany(length => Gen.Select(
        Gen.Const(length), Named(PlaceTypes, length).Array[4, 47], Named(ObjectTypes, length)));

    [Fact]
    public void Lists_of_any_names_are_read_back_exactly() => AnyNames.Sample((length, places, thing) =>
    {
        var solver = Solver(length);
        solver.Recall(string.Concat(places));
        Assert.Equal(places, Todo(solver));
        Assert.Equal(new Evidence("map", "places", places[0], places[1], places[^1], string.Concat(places)), Assert.Single(solver.Evidence));
        Assert.Equal(places, Homes.NamesIn(string.Concat(places)));

        // Things before and behind the places are no part of the list.
        solver = Solver(length);
        solver.Recall($"{thing}{string.Concat(places)}{thing}");
        Assert.Equal(places, Todo(solver));
        Assert.Equal(string.Concat(places), Assert.Single(solver.Evidence).Text);
    }, iter: 1000);

    [Fact]
    public void Memories_of_any_names_are_read_back_exactly() => AnyNames.Sample((length, places, thing) =>
    {
        var memory = $"at={places[0]} have={thing} todo={string.Join(',', places)}";
        var solver = Solver(length);
        solver.Resume(memory);
        Assert.Equal((places[0], thing), (solver.Memory[0].Value, solver.Memory[1].Value));
        Assert.Equal(places, Todo(solver));
        solver.Resume($"at={places[0]}{places[1]} have={thing}{thing}");
        Assert.DoesNotContain(solver.Memory, f => f.Name is "at" or "have"); // two names are none
        solver.Resume($"at={Homes.Type(places[0])} have={thing[Homes.Type(thing).Length..]}");
        Assert.DoesNotContain(solver.Memory, f => f.Name is "at" or "have"); // nor are parts of one
        solver.Resume($"at=K7{places[0]} have=7{thing}");
        Assert.DoesNotContain(solver.Memory, f => f.Name is "at" or "have"); // nor is one with signs before its type
    }, iter: 1000);

    [Fact]
    public void The_solver_reads_the_list_of_any_room_word_for_word() => Homes.Any.Sample((definition, parameters) =>
    {
        parameters["hide_initial_room"] = 1;
        var home = definition.Create(parameters);
        var solver = (IEvidenceSolver)home.CreateSolver();
        var seen = Homes.Call(home, "look");
        solver.Observe(seen);
        var list = seen.Text.Split('\n')[0]; // the next line may name the places once more
        var compact = (string)parameters["rendering"]! == "compact";
        var names = Todo(solver);
        var text = Assert.Single(solver.Evidence).Text;
        Assert.Equal((int)parameters["receptacles"]!, names.Length);
        Assert.All(names, n => Assert.Equal(CallStatus.Ok, Homes.Call(home, "go_to", compact ? n : n.Replace('_', ' ')).Status));
        if (compact) Assert.Equal((list, list), (string.Concat(names), text));
        else Assert.Equal(list[list.IndexOf(names[0].Replace('_', ' '))..(list.LastIndexOf(names[^1].Replace('_', ' ')) + names[^1].Length)], text);
    }, iter: 200);

    private static Gen<string> Named(string[] types, int length) => Gen.Select(Gen.Int[0, types.Length - 1], Gen.Int[0, 99].Array[(length + 1) / 2], Gen.Int[1, 110], (type, pairs, number) =>
        types[type] + (length == 0 ? $"{number}" : string.Concat(pairs.Select(p => $"{Letters[p / 10]}{p % 10}"))[..length]));

    /// <summary>A solver for two things: whatever is in hand, it still needs the list.</summary>
    private static IEvidenceSolver Solver(int length) =>
        (IEvidenceSolver)Homes.Create(Homes.Find("put_two"), TaskSplit.Train, 0, Rendering.Compact, ("opaque_ids", length)).CreateSolver();

    private static string[] Todo(IEvidenceSolver solver) => solver.Memory.Single(f => f.Name == "todo").Value.Split(',');
}
