using AgentRL.Fakes;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Tests.Configuration;

/// <summary>Loads YAML texts against the fake catalog.</summary>
public abstract class LoaderFixture : IDisposable
{
    /// <summary>One line with a valid task; files under test begin with it, so that their own lines begin at 2.</summary>
    protected const string Task = "environment: {tasks: [{name: fake/sum}]}\n";

    private readonly TemporaryFolder folder = new();

    protected string FolderPath => folder.Path;

    protected RunConfiguration Load(string yaml, params string[] overrides) =>
        ConfigurationLoader.Load(folder.Write("run.yaml", yaml), overrides, SumDefinition.Catalog);

    /// <summary>The faults as printed, without the folder's name.</summary>
    protected string[] Faults(string yaml, params string[] overrides)
    {
        var thrown = Assert.Throws<ConfigurationException>(() => Load(yaml, overrides));
        return [.. thrown.Faults.Select(f => f.ToString().Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];
    }

    protected string Fault(string yaml, params string[] overrides) => Assert.Single(Faults(yaml, overrides));

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
