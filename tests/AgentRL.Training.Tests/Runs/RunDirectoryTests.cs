using AgentRL.Fakes;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Tests.Runs;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_exists_is_refused_and_says_how_to_go_on()
    {
        var run = RunDirectory.Create(Path.Combine(folder.Path, "run"));
        Assert.Equal(run.Root, RunDirectory.Open(run.Root).Root);
        Assert.Contains("--resume", Assert.Throws<BadInputException>(() => RunDirectory.Create(run.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_other_things_in_it_is_refused_and_left_alone()
    {
        var file = folder.Write("mine.txt", "precious");
        Assert.Contains("not empty", Assert.Throws<BadInputException>(() => RunDirectory.Create(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
        Assert.Contains("no run.json", Assert.Throws<BadInputException>(() => RunDirectory.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"format\": 99}", "format 99")]
    [InlineData("{\"format\": \"one\"}", "not readable")]
    [InlineData("{\"format\": 1.5}", "not readable")]
    [InlineData("{\"form", "not readable")]
    [InlineData("{}", "not readable")]
    [InlineData("[]", "not readable")]
    [InlineData("", "not readable")]
    public void A_marker_that_is_newer_or_damaged_is_refused_by_name(string marker, string explanation)
    {
        folder.Write("run.json", marker);
        var message = Assert.Throws<BadInputException>(() => RunDirectory.Open(folder.Path)).Message;
        Assert.Contains("run.json", message, StringComparison.Ordinal);
        Assert.Contains(explanation, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_refused_and_not_made()
    {
        var missing = Path.Combine(folder.Path, "none");
        Assert.Contains("no such folder", Assert.Throws<BadInputException>(() => RunDirectory.Open(missing)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }

    [Fact]
    public void Only_one_process_may_hold_a_run()
    {
        var run = RunDirectory.Create(Path.Combine(folder.Path, "run"));
        using (run.Hold()) Assert.Contains("another process", Assert.Throws<BadInputException>(run.Hold).Message, StringComparison.Ordinal);
        run.Hold().Dispose();
    }

    [Fact]
    public void A_new_run_gets_a_name_that_is_free()
    {
        Assert.Equal("quick", Path.GetFileName(RunDirectory.FreeName(folder.Path, "configs/quick.yaml")));
        Directory.CreateDirectory(Path.Combine(folder.Path, "quick"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "quick-2"));
        Assert.Equal("quick-3", Path.GetFileName(RunDirectory.FreeName(folder.Path, "configs/quick.yaml")));
    }
}
