using AgentRL.Training.Configuration;

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

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentRL.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository"), "configs");
    }
}
