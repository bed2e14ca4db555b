using AgentRL.Cli.Experiments;
using AgentRL.Training.Experiments;

namespace AgentRL.Cli.Tests.Experiments;

public sealed class CommittedExperimentTests
{
    public static TheoryData<string> Names =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "experiments")).Where(f => File.Exists(Path.Combine(f, "sweep.yaml"))).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_experiment_in_the_repository_can_be_run(string name)
    {
        var options = ExperimentLoader.Load(Path.Combine(Repository.Root, "experiments", name, "sweep.yaml"), Catalog.Default);
        Assert.InRange(options.Seeds.Count, 5, int.MaxValue);
        Assert.NotEmpty(options.Evaluations);
        Assert.All(options.Evaluations, e => Assert.True(e.FirstTask >= 10_000, $"{e.Name} measures on tasks that were looked at"));
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "experiments", name, "README.md"));
        Assert.Contains($"agentrl sweep experiments/{name}/sweep.yaml", readme, StringComparison.Ordinal);
        Assert.Contains("## Verdict", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_readmes_table_is_the_one_that_the_results_make()
    {
        var readme = Path.Combine(Repository.Root, "README.md");
        var made = ReadmeTable.Replace(readme, ReadmeTable.Markdown(Path.Combine(Repository.Root, "experiments")));
        Assert.True(File.ReadAllText(readme) == made, "the README's table of experiments is out of date; run: agentrl report --readme");
    }
}
