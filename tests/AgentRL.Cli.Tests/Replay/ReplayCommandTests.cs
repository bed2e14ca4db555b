using System.Text.Json.Nodes;
using AgentRL.Archive;
using AgentRL.Cli.Tests.Train;

namespace AgentRL.Cli.Tests.Replay;

/// <summary><c>replay</c> and <c>what-if</c> as a pipe would call them, on a run made by the command line.</summary>
public sealed class ReplayCommandTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    private static int copies;

    private int Episodes => new ArchiveReader(Path.Combine(trained.Run, "archive")).Read().Count();

    [Fact]
    public async Task A_run_that_holds_gets_a_verdict_and_nothing_else_is_said_to_a_pipe()
    {
        var result = await TrainedRun.RunAsync("replay", trained.Run, "--no-logprobs");
        Assert.Equal((ExitCode.Done, $"{Episodes} of {Episodes} episodes verified, none diverges{Environment.NewLine}", ""), (result.Code, result.Out, result.Error));
        var again = await TrainedRun.RunAsync("replay", trained.Run, "--workers", "1");
        Assert.Contains("all the same to the bit", again.Out, StringComparison.Ordinal);
        Assert.EndsWith(result.Out, again.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_is_named_with_its_place_and_the_exit_code_says_so()
    {
        var copy = Tampered();
        var result = await TrainedRun.RunAsync("replay", copy, "--no-logprobs");
        Assert.Equal(ExitCode.Refuted, result.Code);
        Assert.Contains("train/1/0/1: the whole episode: advantage: expected ", result.Out, StringComparison.Ordinal);
        Assert.Contains($"{Episodes - 1} of {Episodes} episodes verified, 1 diverges", result.Out, StringComparison.Ordinal);
        var json = JsonNode.Parse((await TrainedRun.RunAsync("replay", copy, "train/1/0/1", "--no-logprobs", "--json")).Out)!;
        Assert.False((bool)json["holds"]!);
        Assert.Equal(("train/1/0/1", "advantage", "7"), ((string?)json["divergences"]![0]!["episode"], (string?)json["divergences"]![0]!["what"], (string?)json["divergences"]![0]!["found"]));
        Assert.Equal(1, (int)json["episodes"]!);
    }

    [Theory]
    [InlineData("holds no episode train/77/0/0", "train/77/0/0")]
    [InlineData("'seven' names no episode", "seven")]
    [InlineData("--limit is '0'", "--limit", "0")]
    [InlineData("--tolerance is 'none'", "--tolerance", "none")]
    public async Task What_cannot_be_replayed_is_named(string message, params string[] arguments)
    {
        var result = await TrainedRun.RunAsync(["replay", trained.Run, .. arguments]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_run_or_an_archive_is_refused()
    {
        Assert.Contains("no such folder", (await TrainedRun.RunAsync("replay", trained.NewPath("nowhere"))).Error, StringComparison.Ordinal);
        var copy = Tampered();
        Directory.Delete(Path.Combine(copy, "archive"), recursive: true);
        var result = await TrainedRun.RunAsync("replay", copy);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("there is no archive here", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_if_in_bulk_prints_a_row_a_change_and_writes_all_pairs()
    {
        var file = trained.NewPath("what-if.json");
        var result = await TrainedRun.RunAsync("what-if", trained.Run, "--model", "0", "--sample", "2", "--changes", "none,blank-summary", "--continuations", "3", "--json", file);
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        foreach (var text in new[] { "none", "blank-summary", "lost / won", "95 % interval", "2 of 2 asked for" }) Assert.Contains(text, result.Out, StringComparison.Ordinal);
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.Equal(0.0, (double)json["effects"]![0]!["success"]!["value"]!);
        Assert.Equal(4, json["contrasts"]!.AsArray().Count);
        Assert.All(json["contrasts"]!.AsArray(), c => Assert.Equal(3, c!["pairs"]!.AsArray().Count));
    }

    [Theory]
    [InlineData("give an EPISODE with --at and --change, or --sample")]
    [InlineData("--changes and --phase need --sample", "train/1/0/0", "--at", "1", "--change", "none", "--phase", "train")]
    [InlineData("give no EPISODE", "train/1/0/0", "--sample", "3")]
    [InlineData("'forget' is no change; write drop-block=INDEX", "train/1/0/0", "--at", "1", "--change", "forget")]
    [InlineData("'edit' is no change for many episodes", "--sample", "3", "--changes", "edit")]
    [InlineData("has no turn 900", "train/1/0/0", "--at", "900", "--change", "none")]
    [InlineData("begins with no summary", "train/1/0/0", "--at", "0", "--change", "blank-summary")]
    [InlineData("there is no memory to read from", "train/1/0/0", "--at", "0", "--change", "no-reads")]
    [InlineData("neither a policy's folder nor a training step", "train/1/0/0", "--at", "0", "--change", "none", "--model", "9")]
    public async Task What_cannot_be_asked_is_named(string message, params string[] arguments)
    {
        var result = await TrainedRun.RunAsync(["what-if", trained.Run, .. arguments]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    /// <summary>A copy of the run in which one advantage is 7.</summary>
    private string Tampered()
    {
        var copy = trained.NewPath($"copy-{++copies}");
        foreach (var file in Directory.GetFiles(trained.Run, "*", SearchOption.AllDirectories).Where(f => !f.Contains("archive", StringComparison.Ordinal) && !f.EndsWith("run.lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(trained.Run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        using var writer = ArchiveWriter.Open(Path.Combine(copy, "archive"));
        foreach (var archived in new ArchiveReader(Path.Combine(trained.Run, "archive")).Read())
            writer.Append(archived.Episode.Key.ToString() == "train/1/0/1" ? archived.Episode with { Advantage = 7 } : archived.Episode);
        writer.Flush();
        return copy;
    }
}
