using System.CommandLine;
using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Cli.Inspect;
using AgentRL.Episodes;

namespace AgentRL.Cli.Tests.Inspect;

public sealed class DiffTests : IDisposable
{
    private readonly DirectoryInfo run = Directory.CreateTempSubdirectory("agentrl-diff-"), other = Directory.CreateTempSubdirectory("agentrl-diff-");

    public DiffTests()
    {
        var episode = Example.Episode();
        using (var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive")))
        {
            writer.Append(episode);
            writer.Append(episode with
            {
                Key = episode.Key with { Sample = 1 },
                Turns = [.. episode.Turns.Take(3), episode.Turns[3] with { Observation = "another \u001B[2J" }],
                Outcome = Outcome.TurnsExhausted,
            });
        }
        using (var writer = ArchiveWriter.Open(Path.Combine(other.FullName, "archive"))) writer.Append(MemoryExample.Episode());
    }

    public void Dispose()
    {
        run.Delete(recursive: true);
        other.Delete(recursive: true);
    }

    [Fact]
    public void Two_episodes_stand_side_by_side() => Approved.Check("diff", Invoke(run.FullName, "train/12/3/0", "train/12/3/1").Output);

    [Fact]
    public void They_may_be_of_two_runs()
    {
        var (code, output, _) = Invoke(run.FullName, "train/12/3/0", "train/8/0/1", "--other", other.FullName);
        Assert.Equal(0, code);
        Assert.Contains("they part at turn 0: the policy saw different contexts", output, StringComparison.Ordinal);
        Assert.Contains("memory at the end, where it differs\n", output, StringComparison.Ordinal);
        Assert.Contains("\na\t-\t\"blue\", written at turn 6, read 0 times\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001B', output);
    }

    [Fact]
    public void An_episode_is_the_same_as_itself() =>
        Assert.Contains("all turns are the same", Invoke(run.FullName, "train/12/3/0", "train/12/3/0").Output, StringComparison.Ordinal);

    [Fact]
    public void Json_holds_the_comparison()
    {
        using var json = JsonDocument.Parse(Invoke(run.FullName, "train/12/3/0", "train/12/3/1", "--json").Output);
        Assert.Equal("""{"turn":3,"kind":"observation"}""", json.RootElement.GetProperty("parting").GetRawText());
        Assert.Equal([3, 4], json.RootElement.GetProperty("turns").EnumerateArray().Select(t => t.GetProperty("index").GetInt32()));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("turns")[1].GetProperty("right").ValueKind);
    }

    [Theory]
    [InlineData("EPISODE2: 'train' names no episode", "train/12/3/0", "train")]
    [InlineData("holds no episode train/99/0/0", "train/99/0/0", "train/12/3/0")]
    public void Mistakes_are_told_on_the_error_output_with_exit_code_2(string message, params string[] episodes)
    {
        var (code, output, errors) = Invoke([run.FullName, .. episodes]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Equal(2, Invoke([Path.Combine(run.FullName, "nowhere"), "train/12/3/0", "train/12/3/1"]).Code);
    }

    private static (int Code, string Output, string Errors) Invoke(params string[] arguments)
    {
        var root = new RootCommand { DiffCommand.Create() };
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = root.Parse(["diff", .. arguments]).Invoke(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }
}
