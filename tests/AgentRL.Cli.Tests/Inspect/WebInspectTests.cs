using AgentRL.Archive;

namespace AgentRL.Cli.Tests.Inspect;

public sealed class WebInspectTests : IDisposable
{
    private readonly DirectoryInfo run = Directory.CreateTempSubdirectory("agentrl-web-");

    public WebInspectTests()
    {
        using var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"));
        for (var i = 0; i < 8; i++) writer.Append(Example.Episode(step: i / 4, sample: i % 4));
    }

    private string File(string name) => Path.Combine(run.FullName, name);

    public void Dispose() => run.Delete(recursive: true);

    [Fact]
    public async Task The_server_says_where_it_is_and_ends_cleanly_on_an_interrupt()
    {
        using var inspector = ChildProcess.Agentrl("inspect", run.FullName, "--web");
        await inspector.SeesAsync("Ctrl-C ends it");
        var address = inspector.Output.Split('\n').Single(l => l.StartsWith("http://127.0.0.1:", StringComparison.Ordinal));
        using var client = new HttpClient();
        Assert.Contains("train/1/3/3", await client.GetStringAsync(address + "episodes"), StringComparison.Ordinal);
        inspector.Interrupt();
        Assert.Equal(ExitCode.Done, await inspector.ExitCodeAsync());
        Assert.DoesNotContain("finishing the step", inspector.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Episodes_that_fit_are_exported_as_one_page()
    {
        var result = await Cli.RunAsync("inspect", run.FullName, "--step", "1", "--limit", "3", "--export", File("out.html"));
        Assert.Equal((0, ""), (result.Code, result.Error.Replace(NoConfiguration(result.Error), "", StringComparison.Ordinal).Trim()));
        Assert.Contains("3 of 4 episodes", result.Out, StringComparison.Ordinal);
        var page = await System.IO.File.ReadAllTextAsync(File("out.html"));
        Assert.Contains("id=\"e3-episode\"", page, StringComparison.Ordinal);
        Assert.Contains("--step 1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("train/0/3/", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_episode_is_exported_with_its_tokens()
    {
        Assert.Equal(0, (await Cli.RunAsync("inspect", run.FullName, "--episode", "train/0/3/2", "--tokens", "--export", File("one.html"))).Code);
        var page = await System.IO.File.ReadAllTextAsync(File("one.html"));
        Assert.Contains("token k-action", page, StringComparison.Ordinal);
        Assert.DoesNotContain("train/0/3/1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_is_written_over_and_none_is_left_where_nothing_fits()
    {
        await System.IO.File.WriteAllTextAsync(File("mine.html"), "mine");
        var taken = await Cli.RunAsync("inspect", run.FullName, "--export", File("mine.html"));
        Assert.Equal(2, taken.Code);
        Assert.Contains("exists already", taken.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await System.IO.File.ReadAllTextAsync(File("mine.html")));
        var none = await Cli.RunAsync("inspect", run.FullName, "--step", "77", "--export", File("none.html"));
        Assert.Equal(2, none.Code);
        Assert.Contains("no episode fits", none.Error, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File("none.html")));
    }

    [Theory]
    [InlineData("there is no run", "nowhere", "--web")]
    [InlineData("--port", ".", "--web", "--port", "70000")]
    [InlineData("give one of them", ".", "--web", "--export", "x.html")]
    public async Task What_cannot_be_shown_is_refused(string message, params string[] arguments)
    {
        var result = await Cli.RunAsync(["inspect", .. arguments]);
        Assert.Equal(2, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var result = await Cli.RunAsync("inspect", run.FullName, "--web", "--port", $"{port}");
        Assert.Equal(2, result.Code);
        Assert.Contains($"cannot listen on 127.0.0.1:{port}", result.Error, StringComparison.Ordinal);
    }

    /// <summary>The run has no configuration, which is told and no fault.</summary>
    private static string NoConfiguration(string error)
    {
        Assert.All(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.StartsWith("the run's configuration cannot be used", l, StringComparison.Ordinal));
        return error.Length == 0 ? "\0" : error;
    }
}
