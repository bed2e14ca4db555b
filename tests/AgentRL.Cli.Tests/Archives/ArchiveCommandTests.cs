using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Episodes;
using AgentRL.Fakes;

namespace AgentRL.Cli.Tests.Archives;

/// <summary>archive, export and import, as a user gives them.</summary>
public sealed class ArchiveCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ArchiveCommandTests() => Write("run", 0, 30);

    private string Run => Path.Combine(folder.Path, "run");

    private string Log => Path.Combine(Run, "archive", "episodes-000001.log");

    public void Dispose() => folder.Dispose();

    private void Write(string run, int from, int to)
    {
        using var writer = ArchiveWriter.Open(Path.Combine(folder.Path, run, "archive"));
        for (var i = from; i < to; i++) writer.Append(Example.Episode(step: i / 4, sample: i % 4, phase: i < 24 ? "train" : "eval/long"));
    }

    private static List<string> Records(string run) => [.. new ArchiveReader(Path.Combine(run, "archive")).Read().Select(e => Convert.ToHexString(EpisodeCodec.Encode(e.Episode)))];

    [Fact]
    public async Task A_sound_archive_is_said_to_be_sound_and_its_index_is_built()
    {
        var first = await Cli.RunAsync("archive", "verify", Run);
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("30 episodes (30 of format 1)", first.Out, StringComparison.Ordinal);
        Assert.Contains("index: there is none; rebuilt", first.Out, StringComparison.Ordinal);
        Assert.EndsWith("  sound\n", first.Out, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await Cli.RunAsync("archive", "verify", Run, "--json")).Out).RootElement;
        Assert.Equal((true, 30, "good"), (json.GetProperty("is_sound").GetBoolean(), json.GetProperty("episodes").GetInt32(), json.GetProperty("index").GetString()));
    }

    [Fact]
    public async Task A_damaged_archive_is_placed_and_only_compacted_when_told_to_leave_that_out()
    {
        Write("run", 30, 40);
        var bytes = File.ReadAllBytes(Log);
        bytes[200] ^= 1;
        File.WriteAllBytes(Log, bytes);
        var verify = await Cli.RunAsync("archive", "verify", Run);
        Assert.Equal(1, verify.Code);
        Assert.Contains($"bad: {Log}: offset 16: the frame's checksum does not match its content", verify.Out, StringComparison.Ordinal);
        Assert.Contains("NOT SOUND", verify.Out, StringComparison.Ordinal);
        var refused = await Cli.RunAsync("archive", "compact", Run);
        Assert.Equal((2, ""), (refused.Code, refused.Out));
        Assert.Contains("offset 16", refused.Error, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(Log));
        var forced = await Cli.RunAsync("archive", "compact", Run, "--skip-damaged");
        Assert.Equal(0, forced.Code);
        Assert.Contains("left out: ", forced.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Cli.RunAsync("archive", "verify", Run)).Code);
        Assert.Equal(10, Records(Run).Count);
    }

    [Fact]
    public async Task Pruning_keeps_the_last_steps_and_what_is_not_selected()
    {
        Assert.Equal(2, (await Cli.RunAsync("archive", "prune", Run)).Code);
        var tried = await Cli.RunAsync("archive", "prune", Run, "--phase", "train", "--keep-last-steps", "3", "--dry-run");
        Assert.Contains("would leave 10 episodes of 30; nothing was changed", tried.Out, StringComparison.Ordinal);
        Assert.Equal(30, Records(Run).Count);
        var done = await Cli.RunAsync("archive", "prune", Run, "--phase", "train", "--keep-last-steps", "3");
        Assert.Contains("20 of 30 episodes removed", done.Out, StringComparison.Ordinal);
        Assert.Equal(["train/5", "train/5", "train/5", "train/5", "eval/long/6", "eval/long/6", "eval/long/6", "eval/long/6", "eval/long/7", "eval/long/7"],
            new ArchiveReader(Path.Combine(Run, "archive")).Read().Select(e => $"{e.Episode.Key.Phase}/{e.Episode.Key.Step}"));
        await Cli.RunAsync("archive", "prune", Run, "--keep-every", "7");
        Assert.Equal(2, Records(Run).Count);
    }

    [Fact]
    public async Task Merged_runs_are_told_apart_also_where_their_folders_have_one_name()
    {
        Write(Path.Combine("other", "run"), 0, 4);
        var merged = Path.Combine(folder.Path, "merged");
        var result = await Cli.RunAsync("archive", "merge", Run, Path.Combine(folder.Path, "other", "run"), "--output", merged);
        Assert.Equal((0, ""), (result.Code, result.Error));
        var listed = await Cli.RunAsync("inspect", merged, "--phase", "run-2");
        Assert.Equal(5, listed.Out.TrimEnd().Split('\n').Length);
        Assert.Contains("run-2/train/0/3/0\t", listed.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await Cli.RunAsync("archive", "merge", Run, "--output", merged)).Code);
    }

    [Theory]
    [InlineData("jsonl")]
    [InlineData("parquet")]
    public async Task What_is_exported_is_imported_as_it_was(string format)
    {
        var file = Path.Combine(folder.Path, "episodes." + format);
        var export = await Cli.RunAsync("export", Run, "--output", file);
        Assert.Equal((0, ""), (export.Code, export.Error));
        var copy = Path.Combine(folder.Path, "copy");
        Assert.Equal(0, (await Cli.RunAsync("import", file, "--run", copy)).Code);
        Assert.Equal(Records(Run), Records(copy));
        Assert.Equal(2, (await Cli.RunAsync("import", file, "--run", copy)).Code);
    }

    [Fact]
    public async Task Every_exported_field_is_documented()
    {
        Write("memory", 0, 1);
        using (var writer = ArchiveWriter.Open(Path.Combine(folder.Path, "memory", "archive"))) writer.Append(MemoryExample.Episode());
        var file = Path.Combine(folder.Path, "episodes.jsonl");
        await Cli.RunAsync("export", Path.Combine(folder.Path, "memory"), "--output", file);
        var names = File.ReadLines(file).SelectMany(l => NamesIn(JsonDocument.Parse(l).RootElement)).Distinct().ToList();
        Assert.True(names.Count > 50);
        var page = File.ReadAllText(Path.Combine(Repository.Root, "src", "AgentRL.Archive", "Exchange", "README.md"));
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));

        static IEnumerable<string> NamesIn(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(p => NamesIn(p.Value).Prepend(p.Name)),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(NamesIn),
            _ => [],
        };
    }

    [Fact]
    public async Task Exports_can_be_filtered_sorted_and_limited()
    {
        var file = Path.Combine(folder.Path, "some.txt");
        Assert.Equal(2, (await Cli.RunAsync("export", Run, "--output", file)).Code);
        await Cli.RunAsync("export", Run, "--output", file, "--format", "jsonl", "--phase", "train", "--step", "2..", "--sort", "step", "--limit", "5");
        Assert.Equal([5, 5, 5, 5, 4], File.ReadAllLines(file).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("step").GetInt32()));
        Assert.Equal(2, (await Cli.RunAsync("export", Run, "--output", file, "--format", "xml")).Code);
        Assert.Equal(2, (await Cli.RunAsync("export", Run, "--output", file, "--format", "jsonl", "--sort", "luck")).Code);
    }

    [Theory]
    [InlineData("archive", "verify", "none")]
    [InlineData("archive", "compact", "none")]
    [InlineData("export", "none", "--output", "x.jsonl")]
    public async Task A_run_that_does_not_exist_is_named(params string[] arguments)
    {
        var result = await Cli.RunAsync(arguments);
        Assert.Equal((2, ""), (result.Code, result.Out));
        Assert.Contains("there is no run at 'none'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bench_times_an_archive_of_its_own_making_and_leaves_none()
    {
        var figures = Path.Combine(folder.Path, "figures.json");
        var result = await Cli.RunAsync("bench", "archive", "--episodes", "60", "--tokens", "60", "--json", figures);
        Assert.Equal((0, ""), (result.Code, result.Error));
        var names = JsonDocument.Parse(File.ReadAllText(figures)).RootElement.EnumerateArray().Select(f => f.GetProperty("name").GetString()).ToList();
        Assert.Contains("archive.open", names);
        Assert.Contains("archive.query.text.rare", names);
    }

    /// <summary>A writer in this process, commands in processes of their own.</summary>
    [Fact]
    public async Task Commands_of_other_processes_work_beside_a_writer_and_leave_its_archive_alone()
    {
        using var writer = ArchiveWriter.Open(Path.Combine(Run, "archive"));
        var written = 30;
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (; !stop.IsCancellationRequested; written++)
            {
                writer.Append(Example.Episode(step: written / 4, sample: written % 4));
                if (written % 5 != 0) continue;
                writer.Flush();
                Thread.Sleep(10);
            }
        });
        var file = Path.Combine(folder.Path, "live.jsonl");
        using (var list = ChildProcess.Agentrl("inspect", Run, "--limit", "3"))
        using (var verify = ChildProcess.Agentrl("archive", "verify", Run))
        using (var export = ChildProcess.Agentrl("export", Run, "--output", file))
        using (var compact = ChildProcess.Agentrl("archive", "compact", Run))
        {
            Assert.Equal((0, 0, 0, 2), (await list.ExitCodeAsync(), await verify.ExitCodeAsync(), await export.ExitCodeAsync(), await compact.ExitCodeAsync()));
            Assert.Contains("another process is writing", compact.Output, StringComparison.Ordinal);
        }
        await stop.CancelAsync();
        await writing;
        writer.Flush();
        Assert.Equal(written, Records(Run).Count);
        Assert.InRange(File.ReadLines(file).Count(), 30, written);
    }
}
