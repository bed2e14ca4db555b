using AgentRL.Training.Configuration;

namespace AgentRL.Training.Tests.Configuration;

public sealed class ReferenceTests
{
    [Fact]
    public void The_committed_page_is_the_generated_one()
    {
        var path = Path.Combine(RepositoryRoot(), "configs", "REFERENCE.md");
        var committed = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        Assert.True(
            committed == ConfigurationReference.Markdown(),
            "configs/REFERENCE.md is out of date; run: dotnet run --project src/AgentRL.Cli -- config reference > configs/REFERENCE.md");
    }

    [Fact]
    public void Every_setting_and_every_value_says_what_it_means()
    {
        var rows = ConfigurationReference.Markdown().Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal) || l.StartsWith("- `", StringComparison.Ordinal));
        Assert.All(rows, row => Assert.Matches(@"(\| [^|]{10,} \||: .{5,})$", row));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentRL.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
