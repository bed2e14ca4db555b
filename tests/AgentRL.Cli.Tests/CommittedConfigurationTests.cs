using AgentRL.Environments;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;

namespace AgentRL.Cli.Tests;

public sealed class CommittedConfigurationTests
{
    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder(), "*.yaml").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_configuration_in_the_repository_is_valid_and_survives_its_own_writing(string name)
    {
        using var folder = new Fakes.TemporaryFolder();
        var configuration = ConfigurationLoader.Load(Path.Combine(Folder(), name), [], Catalog.Default);
        var text = ConfigurationWriter.Write(configuration);
        Assert.Equal(text, ConfigurationWriter.Write(ConfigurationLoader.Load(folder.Write(name, text), [], Catalog.Default)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_configuration_in_the_repository_leaves_room_for_its_prompts(string name) => // with a tokenizer made of few texts, for speed
        RunInputs.Prepare(ConfigurationLoader.Load(Path.Combine(Folder(), name), ["tokenizer.training_episodes=40"], Catalog.Default), Catalog.Default, tokenizerFolder: null);

    [Theory]
    [InlineData("memex-household.yaml", 4)]
    [InlineData("memex-quick.yaml", 4)]
    public void The_memory_experiments_need_memory(string name, int opaqueIds)
    {
        var tasks = RunInputs.TasksOf(ConfigurationLoader.Load(Path.Combine(Folder(), name), [], Catalog.Default), Catalog.Default);
        for (var i = 0; i < 20; i++)
        {
            var id = tasks.Create(TaskSplit.Train, i).TaskId;
            foreach (var setting in new[] { "look_once\":1", "hide_initial_room\":1", "hide_commands\":1", $"opaque_ids\":{opaqueIds}", "receptacles\":12" })
                Assert.Contains(setting, id, StringComparison.Ordinal);
        }
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentRL.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository"), "configs");
    }
}
