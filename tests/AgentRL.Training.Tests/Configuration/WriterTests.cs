using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Fakes;
using AgentRL.Memory;
using AgentRL.Training.Configuration;
using CsCheck;

namespace AgentRL.Training.Tests.Configuration;

public sealed class WriterTests : LoaderFixture
{
    [Fact]
    public void Defaults_read_back_as_they_were_written()
    {
        var configuration = Load(Task);
        var text = ConfigurationWriter.Write(configuration);
        var again = Load(text);
        Assert.Equal(text, ConfigurationWriter.Write(again));
        Assert.Equal(configuration.Context, again.Context);
        Assert.Equal(configuration.Model, again.Model);
    }

    [Fact]
    public void Settings_of_environments_are_resolved()
    {
        var configuration = Load("environment: {tasks: [{name: fake/sum, settings: {largest: 7}}]}");
        Assert.Contains("    - name: fake/sum\n      settings: {largest: 7, max_length: 5, min_length: 3}\n      weight: 1\n", ConfigurationWriter.Write(configuration), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_survives_a_round_trip()
    {
        var configuration = new RunConfiguration
        {
            Seed = 77,
            Model = new() { Path = FolderPath, MaxContext = 9000, Device = ModelDevice.Cuda },
            Environment = new()
            {
                Tasks = [new() { Name = "fake/sum", Weight = 1.0 / 3, Settings = Sizes(2, 4) }, new() { Name = "fake/forgetful_sum", Settings = Sizes(1, 1) }],
                Rendering = Rendering.Verbose,
            },
            Context = new() { Strategy = ContextStrategyKind.OracleSummary, Threshold = 0.87654321, SummarizeInstruction = "Say: \"what\"\n# \\ 'you' 日本 \u0007 know {…}" },
            WarmStart = new() { LearningRate = 1.25e-9, Tasks = [new() { Name = "fake/sum", Weight = 0.25, Settings = Sizes(3, 5) }], Demonstrations = new() { HabitShare = 0.1 } },
            Evaluation = new() { Rounds = [], Splits = [TaskSplit.Long], Contexts = [ContextStrategyKind.Full, ContextStrategyKind.BlankSummary] },
            Logging = new() { Archive = false },
        };
        var text = ConfigurationWriter.Write(configuration);
        var again = Load(text);
        Assert.Equal(text, ConfigurationWriter.Write(again));
        Assert.Equal(configuration.Context, again.Context);
        AssertSame(configuration.WarmStart, again.WarmStart);
        Assert.Equal((0.25, 5), (again.WarmStart.Tasks[0].Weight, again.WarmStart.Tasks[0].Settings["max_length"]));
        Assert.Equal(configuration.Model, again.Model);
        Assert.Equal(configuration.Evaluation.Contexts, again.Evaluation.Contexts);
        Assert.Equal(configuration.Environment.Tasks[0].Weight, again.Environment.Tasks[0].Weight);
        Assert.Equal(ConfigurationWriter.Sha256(configuration), ConfigurationWriter.Sha256(again));
        Assert.NotEqual(ConfigurationWriter.Sha256(configuration), ConfigurationWriter.Sha256(configuration with { Seed = 78 }));
    }

    [Fact]
    public void Settings_of_the_memory_survive_a_round_trip()
    {
        var configuration = Load(Task) with
        {
            Context = new()
            {
                Strategy = ContextStrategyKind.Indexed,
                ListTools = false,
                Memory = new()
                {
                    Trigger = CompressionTrigger.Forced,
                    ContextThreshold = 777,
                    StatusCounts = StatusCounts.Working,
                    WarnAt = 0.7,
                    Status = StatusStyle.Compact,
                    Search = true,
                    SearchResults = 5,
                    Update = true,
                    Delete = true,
                    ReadSeveral = true,
                    EvictReadsAfter = 3,
                    MaxBlockTokens = 2000,
                    MaxResidentBlocks = 2,
                    Scope = ScopeKind.User,
                    StorePath = "memory/blocks.db",
                    Owner = "null",
                },
            },
            WarmStart = new() { Demonstrations = new() { ArchiveHabit = ArchiveHabit.NeverRead, LateShare = 0.25, LateAt = 0.9 } },
        };
        var again = Load(ConfigurationWriter.Write(configuration));
        Assert.Equal(configuration.Context, again.Context);
        AssertSame(configuration.WarmStart, again.WarmStart);
    }

    /// <summary>Lists are compared by their text, which is equal: records compare them by reference.</summary>
    private static void AssertSame(WarmStartOptions expected, WarmStartOptions actual)
    {
        Assert.Equal(expected.Tasks.Select(t => (t.Name, t.Weight)), actual.Tasks.Select(t => (t.Name, t.Weight)));
        Assert.Equal(expected, actual with { Tasks = expected.Tasks });
    }

    [Theory]
    [InlineData(null, "null")]
    [InlineData(0.0, "0")]
    [InlineData(0.05, "0.05")]
    [InlineData(100.0, "100")]
    public void Weights_that_are_not_set_are_written_as_such_and_those_that_are_survive(double? weight, string written)
    {
        var configuration = Load(Task) with { Algorithm = new() { Penalties = new() { Redundancy = weight } } };
        var text = ConfigurationWriter.Write(configuration);
        Assert.Contains($"  penalties:\n    context_overflow: null\n    redundancy: {written}\n    format: null\n", text, StringComparison.Ordinal);
        Assert.Equal(configuration.Algorithm, Load(text).Algorithm);
        Assert.Equal(weight, Load(Task + $"algorithm: {{penalties: {{redundancy: {written}}}}}").Algorithm.Penalties.Redundancy);
        Assert.Null(Load(text, "algorithm.penalties.redundancy=null").Algorithm.Penalties.Redundancy);
    }

    [Fact]
    public void Any_number_and_any_text_survive_a_round_trip() =>
        Gen.Select(Gen.Double[1e-9, 1], Gen.Double[1e-12, 1e-3], Gen.String[Gen.Char['\u0001', '\ud7ff'], 1, 40]).Sample(
            (large, small, text) =>
            {
                var context = new ContextOptions { SummarizeInstruction = "x" + text };
                var configuration = Load(Task) with { Context = context, Training = new() { LearningRate = large, AdamEpsilon = small } };
                var again = Load(ConfigurationWriter.Write(configuration));
                Assert.Equal(configuration.Training, again.Training);
                Assert.Equal(configuration.Context, again.Context);
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void A_resolved_configuration_loads_when_the_folder_it_started_from_is_gone()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("resolved.yaml", Task + "model: {path: gone}");
        Assert.Equal("gone", ConfigurationLoader.LoadResolved(file, [], SumDefinition.Catalog).Model.Path);
    }

    private static SortedDictionary<string, int> Sizes(int minimum, int maximum) =>
        new(StringComparer.Ordinal) { ["min_length"] = minimum, ["max_length"] = maximum, ["largest"] = 5 };
}
