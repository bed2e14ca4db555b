using AgentRL.Archive;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Fakes;
using AgentRL.Tokens;

namespace AgentRL.Cli.Tests.Security;

/// <summary>A run that comes from elsewhere brings its episodes and its tokenizer into a merged one, and nothing else that lies in its folders.</summary>
public sealed class MergeTests
{
    [Fact]
    public async Task Only_the_files_of_a_tokenizer_are_taken_along()
    {
        using var folder = new TemporaryFolder();
        var run = Path.Combine(folder.Path, "run");
        using (var writer = ArchiveWriter.Open(Path.Combine(run, "archive"))) writer.Append(Example.Episode());
        BpeTrainer.Train([], 300).Save(Path.Combine(run, "tokenizer"));
        File.CreateSymbolicLink(Path.Combine(run, "tokenizer", "notes.txt"), folder.Write("private.txt", "private"));
        var merged = Path.Combine(folder.Path, "merged");
        Assert.Equal(0, (await Cli.RunAsync("archive", "merge", run, "--output", merged)).Code);
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"], Directory.EnumerateFiles(Path.Combine(merged, "tokenizer")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
