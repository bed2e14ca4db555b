using System.Text.RegularExpressions;

namespace AgentRL.Tests.Readme;

/// <summary><c>tests/INVARIANTS.md</c> names the tests of each invariant: they must be there.</summary>
public partial class InvariantTableTests
{
    [Fact]
    public void Every_test_that_the_table_of_invariants_names_exists()
    {
        var tests = Path.Combine(Root(), "tests");
        var named = Name().Matches(File.ReadAllText(Path.Combine(tests, "INVARIANTS.md"))).Select(m => (Class: m.Groups[1].Value, Method: m.Groups[2].Value)).ToList();
        Assert.True(named.Count > 30, $"{named.Count}");
        var sources = Directory.EnumerateFiles(tests, "*Tests.cs", SearchOption.AllDirectories).ToLookup(f => Path.GetFileNameWithoutExtension(f), f => File.ReadAllText(f));
        Assert.All(named, n => Assert.Contains(sources[n.Class], source => source.Contains($" {n.Method}(", StringComparison.Ordinal)));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AgentRL.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository");
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Name();
}
