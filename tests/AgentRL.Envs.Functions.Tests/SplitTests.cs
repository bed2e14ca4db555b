using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Environments.Testing;
using CsCheck;

namespace AgentRL.Envs.Functions.Tests;

/// <summary>Splits share no content, because the content names the split.</summary>
public sealed class SplitTests
{
    public static TheoryData<string> Games => ContractTests.Games;

    [Theory, MemberData(nameof(Games))]
    public void Splits_are_disjoint_by_content(string game)
    {
        var definition = Find(game);
        var seen = new Dictionary<string, TaskSplit>();
        foreach (var split in Enum.GetValues<TaskSplit>())
        {
            for (var k = 0; k < 300; k++)
            {
                var environment = (FunctionEnvironment)EnvironmentContract.Draw(definition, split, k, Rendering.Compact);
                Assert.Equal(split, FunctionDefinition.SplitOf(environment));
                Assert.True(seen.TryAdd(environment.Content, split) || seen[environment.Content] == split);
            }
        }
        Assert.True(seen.Count > 890, "draws repeat");
    }

    [Theory, MemberData(nameof(Games))]
    public void Splits_are_disjoint_even_where_the_settings_make_them_alike(string game)
    {
        var definition = Find(game);
        Gen.Select(Gen.Int[0, 10_000], Gen.Enum<TaskSplit>(), Gen.Int[4, 9], Gen.Int[4, 20]).Sample((index, split, length, value) =>
        {
            var settings = definition.Settings.ToDictionary(s => s.Name, s => s.Default);
            foreach (var name in new[] { "min_length", "max_length", "long_min_length", "long_max_length" }) settings[name] = length;
            settings["max_value"] = value;
            var parameters = definition.Draw(split, index, Rendering.Compact, settings);
            Assert.Equal(split, FunctionDefinition.SplitOf((FunctionEnvironment)definition.Create(parameters)));
        }, iter: 200);
    }

    [Theory, MemberData(nameof(Games))]
    public void Drawing_is_pure_and_renderings_share_their_content(string game)
    {
        var definition = Find(game);
        for (var k = 0; k < 20; k++)
        {
            var compact = EnvironmentContract.Parameters(definition, TaskSplit.Eval, k, Rendering.Compact);
            Assert.True(JsonNode.DeepEquals(compact, EnvironmentContract.Parameters(definition, TaskSplit.Eval, k, Rendering.Compact)));
            var verbose = EnvironmentContract.Parameters(definition, TaskSplit.Eval, k, Rendering.Verbose);
            Assert.Equal(((FunctionEnvironment)definition.Create(compact)).Content, ((FunctionEnvironment)definition.Create(verbose)).Content);
        }
    }

    private static IEnvironmentDefinition Find(string game) => FunctionEnvironments.All.Single(d => d.Name == game);
}
