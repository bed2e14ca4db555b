using AgentRL.Environments;
using AgentRL.Environments.Testing;

namespace AgentRL.Envs.Functions.Tests;

/// <summary>Task files: good ones give their tasks in order, bad ones all their faults with lines.</summary>
public sealed class JsonLinesTasksTests
{
    private const string Parameters = """{"from":37,"max_value":99,"rendering":"compact","seed":1,"to":48}""";

    private static readonly EnvironmentCatalog Catalog = new(FunctionEnvironments.All);

    [Fact]
    public void Tasks_are_read_in_order_and_blank_lines_skipped()
    {
        var right = EnvironmentContract.Solve(Catalog.Create($"functions/scan_max@{Parameters}"))[^1].Turn.Call.Arguments.GetProperty("answer").GetInt64();
        var tasks = Load("""
            {"id":"b","environment":"functions/scan_max","parameters":GOOD,"answer":RIGHT}

            {"id":"a","environment":"functions/histogram","parameters":GOOD}
            """.Replace("RIGHT", $"{right}", StringComparison.Ordinal));
        Assert.Equal([("b", 1), ("a", 3)], tasks.Select(t => (t.Id, t.Line)));
        Assert.Equal($"functions/scan_max@{Parameters}", tasks[0].TaskId);
        Assert.Equal(tasks[0].TaskId, tasks[0].Create().TaskId);
        Assert.Equal(($"{right}", null), (tasks[0].ExpectedAnswer, tasks[1].ExpectedAnswer));
    }

    [Fact]
    public void A_file_is_read_like_its_lines()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, """{"id":"t","environment":"functions/rooms","parameters":GOOD}""".Replace("GOOD", Parameters, StringComparison.Ordinal));
            Assert.Equal("t", Assert.Single(JsonLinesTasks.Load(path, Catalog)).Id);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("""{"id":"\ud800","environment":"functions/scan_max","parameters":{}}""")]
    [InlineData("""{"\ud800":1,"id":"a","environment":"functions/scan_max","parameters":{}}""")]
    [InlineData("""{"id":"a","environment":"functions/scan_max","parameters":{"\udc00":1}}""")]
    [InlineData("""{"id":"a","environment":"functions/scan_max","parameters":{"rendering":"\ud800"}}""")]
    public void Half_an_escaped_surrogate_pair_is_refused_with_its_line(string line)
    {
        var fault = Assert.Single(Assert.Throws<TaskFileException>(() => Load("\n" + line)).Faults);
        Assert.Contains(":2: ", fault, StringComparison.Ordinal);
        Assert.Contains("Unicode", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_with_its_line() => // in no attribute: those are stored as UTF-8
        Assert.Contains("tasks:1: ", Assert.Throws<TaskFileException>(() => Load("{\"id\":\"\ud800\"}")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_task_id_with_half_a_surrogate_pair_is_refused() =>
        Assert.StartsWith("""'functions/scan_max@{"rendering":"\ud800"}': """, Assert.Throws<TaskIdException>(() => Catalog.Create("""functions/scan_max@{"rendering":"\ud800"}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void After_a_thousand_faults_nothing_more_is_read()
    {
        var faults = Assert.Throws<TaskFileException>(() => Load(string.Concat(Enumerable.Repeat("1\n", 5000)))).Faults;
        Assert.Equal(1001, faults.Count);
        Assert.Contains(":1000: this is fault 1000", faults[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_with_their_lines()
    {
        var fault = Assert.Throws<TaskFileException>(() => Load("""
            {"id":"a","environment":"functions/scan_max","parameters":GOOD}
            {"id":"a","environment":"functions/scan_max","parameters":GOOD}
            {"id":"b","environment":"functions/scan_mux","parameters":GOOD}
            {"id":"c","environment":"functions/scan_max","parameters":{"from":1}}
            {"id":"d","environment":"functions/scan_max","parameters":GOOD,"answer":-1}
            {"id":"e","environment":"functions/scan_max","parameters":GOOD,"anwser":1}
            {"id":7,"environment":"functions/scan_max","parameters":GOOD}
            {"id":"f","environment":"functions/scan_max","parameters":[]}
            {"id":"g","id":"h"}
            [1]
            {"id":
            """));
        string[] expected =
        [
            "tasks:2: id 'a' was given in line 1 already",
            "tasks:3: no environment is named 'functions/scan_mux'; known are functions/",
            "tasks:4: functions/scan_max: parameter 'to' is missing",
            "tasks:5: 'answer' is -1, but the reference solution hands in ",
            "tasks:6: unknown key 'anwser'; known are id, environment, parameters, answer",
            "tasks:7: 'id' is missing or no text",
            "tasks:8: 'parameters' is missing or no object",
            "tasks:9: bad JSON at character ",
            "tasks:10: not a JSON object",
            "tasks:11: bad JSON at character ",
        ];
        Assert.Equal(expected.Length, fault.Faults.Count);
        Assert.All(expected.Zip(fault.Faults), p => Assert.StartsWith(p.First, p.Second));
    }

    private static IReadOnlyList<JsonLinesTask> Load(string text) => JsonLinesTasks.Load(new StringReader(text.Replace("GOOD", Parameters, StringComparison.Ordinal)), "tasks", Catalog);
}
