namespace AgentRL.Archive.Tests;

/// <summary>An archive that comes from elsewhere makes nobody read or write outside of its folder.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder elsewhere = new();
    private readonly string victim;

    public LinkTests()
    {
        using (var writer = ArchiveWriter.Open(folder.Path)) writer.Append(Samples.Episode(1));
        victim = Path.Combine(elsewhere.Path, "victim");
        File.WriteAllText(victim, "untouched");
    }

    public void Dispose()
    {
        Assert.Equal("untouched", File.ReadAllText(victim));
        Assert.Equal([victim], Directory.EnumerateFileSystemEntries(elsewhere.Path));
        folder.Dispose();
        elsewhere.Dispose();
    }

    [Theory]
    [InlineData("index.db")]
    [InlineData("index.db.seal")]
    [InlineData("index.db.seal.new")]
    [InlineData("index-log.db")]
    [InlineData("episodes-000002.log")]
    [InlineData("positions.txt")]
    [InlineData("archive.lock")]
    public void An_archive_with_a_link_in_it_is_refused_by_name(string name)
    {
        var link = Path.Combine(folder.Path, name);
        foreach (var target in new[] { victim, Path.Combine(elsewhere.Path, "new") })
        {
            File.Delete(link);
            File.CreateSymbolicLink(link, target);
            Refused(link);
        }
    }

    [Fact]
    public void A_folder_of_a_rewritten_log_that_is_a_link_is_refused()
    {
        var link = Path.Combine(folder.Path, "rewrite");
        Directory.CreateSymbolicLink(link, elsewhere.Path);
        Refused(link);
    }

    [Fact]
    public void A_link_to_the_whole_archive_is_the_users_own_choice()
    {
        using var other = new TemporaryFolder();
        var link = Path.Combine(other.Path, "archive");
        Directory.CreateSymbolicLink(link, folder.Path);
        Assert.Single(new ArchiveReader(link).Read());
    }

    private void Refused(string link)
    {
        Assert.Equal(link, Assert.Throws<ArchiveException>(() => new ArchiveReader(folder.Path)).File);
        Assert.Equal(link, Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(folder.Path)).File);
        Assert.Equal(link, Assert.Throws<ArchiveException>(() => Maintenance.ArchiveVerifier.Verify(folder.Path)).File);
    }
}
