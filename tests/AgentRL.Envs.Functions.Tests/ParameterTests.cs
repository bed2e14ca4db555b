using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Environments.Testing;

namespace AgentRL.Envs.Functions.Tests;

/// <summary>Parameters written by hand: each fault is named, with what would be right.</summary>
public sealed class ParameterTests
{
    private const string Good = """{"from":37,"max_value":99,"rendering":"compact","seed":1,"to":48}""";

    [Theory]
    [InlineData("""{}""", "'from' is missing; give a whole number 0..99999")]
    [InlineData("""{"from":"37","max_value":99,"rendering":"compact","seed":1,"to":48}""", "'from' does not fit; give a whole number")]
    [InlineData("""{"from":37.5,"max_value":99,"rendering":"compact","seed":1,"to":48}""", "'from' does not fit")]
    [InlineData("""{"from":37,"max_value":99999999999999999999,"rendering":"compact","seed":1,"to":48}""", "'max_value' does not fit; give a whole number 4..9999")]
    [InlineData("""{"from":37,"max_value":99,"rendering":"compact","seed":-1,"to":48}""", "'seed' does not fit")]
    [InlineData("""{"from":37,"max_value":99,"rendering":"compact","seed":1,"to":36}""", "'to' does not fit; from..to must hold 2..1000 positions, not 0")]
    [InlineData("""{"from":37,"max_value":99,"rendering":"loud","seed":1,"to":48}""", "give \"compact\" or \"verbose\"")]
    [InlineData("""{"from":37,"max_value":99,"rendering":3,"seed":1,"to":48}""", "give \"compact\" or \"verbose\"")]
    [InlineData("""{"from":37,"max_value":99,"seed":1,"to":48}""", "'rendering' is missing")]
    [InlineData("""{"from":37,"max_value":99,"rendering":"compact","seed":1,"to":48,"form":1}""", "unknown parameter 'form'; known are from, to, max_value, seed, rendering")]
    [InlineData("""{"from":37,"from":38,"max_value":99,"rendering":"compact","seed":1,"to":48}""", "given twice")]
    public void Faulty_parameters_are_refused_with_what_would_be_right(string json, string message)
    {
        var fault = Assert.Throws<TaskIdException>(() => Definition.Create(JsonNode.Parse(json)!.AsObject()));
        Assert.StartsWith("functions/scan_max: ", fault.Message);
        Assert.Contains(message, fault.Message);
    }

    [Fact]
    public void Good_parameters_make_the_instance_they_name() =>
        Assert.Equal($"functions/scan_max@{Good}", Definition.Create(JsonNode.Parse(Good)!.AsObject()).TaskId);

    [Theory]
    [InlineData("min_length", 13, "min_length 13 must not exceed max_length 12")]
    [InlineData("max_position", 30, "long_max_length 48 needs max_position 48 or more, not 30")]
    public void Settings_that_contradict_each_other_are_refused(string name, int value, string message)
    {
        var settings = Definition.Settings.ToDictionary(s => s.Name, s => s.Default);
        settings[name] = value;
        var split = name == "max_position" ? TaskSplit.Long : TaskSplit.Train;
        var fault = Assert.Throws<TaskIdException>(() => Definition.Draw(split, 0, Rendering.Compact, settings));
        Assert.Contains(message, fault.Message);
    }

    private static IEnvironmentDefinition Definition => FunctionEnvironments.All.Single(d => d.Name == "functions/scan_max");
}
