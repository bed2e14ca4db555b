using System.CommandLine;
using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Cli.Inspect;
using AgentRL.Tokens;
using Spectre.Console;

namespace AgentRL.Cli.Tests.Inspect;

public sealed class InspectTests : IDisposable
{
    private readonly DirectoryInfo run = Directory.CreateTempSubdirectory("agentrl-inspect-");

    public InspectTests()
    {
        using (var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive")))
            for (var i = 0; i < 30; i++) writer.Append(Example.Episode(step: i / 4, sample: i % 4, phase: i < 24 ? "train" : "eval/long"));
        run.CreateSubdirectory("tokenizer");
        File.WriteAllText(Path.Combine(run.FullName, "tokenizer", "tokenizer.json"), "{}");
    }

    public void Dispose() => run.Delete(recursive: true);

    private static (int Code, string Output, string Errors) Invoke(params string[] arguments)
    {
        var root = new RootCommand { InspectCommand.Create(_ => new LetterTokenizer()) };
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = root.Parse(["inspect", .. arguments]).Invoke(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }

    private static string Text(IEnumerable<Line> lines) => string.Concat(lines.Select(l => l.Text + "\n"));

    [Fact]
    public void An_episode_reads_like_a_transcript() =>
        Approved.Check("episode", Text(new EpisodeView(new TokenText(new LetterTokenizer()), showTokens: false).Render(Example.Episode())));

    [Fact]
    public void An_episode_with_a_memory_says_what_became_of_each_block() =>
        Approved.Check("memory", Text([
            .. new EpisodeView(new TokenText(new LetterTokenizer()), showTokens: false).Render(MemoryExample.Episode()),
            .. new LineageTree(MemoryExample.Episode()).Roots().SelectMany(r => r.Flatten())]));

    [Fact]
    public void A_list_counts_reads_and_writes_where_there_were_any()
    {
        Assert.DoesNotContain("reads", Invoke(run.FullName).Output, StringComparison.Ordinal);
        using (var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"))) writer.Append(MemoryExample.Episode());
        var lines = Invoke(run.FullName, "--limit", "2").Output.Split('\n');
        Assert.EndsWith("\tpeak\treads\twrites", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("\t41\t2\t3", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("\t41\t0\t0", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Json_holds_the_life_of_each_block()
    {
        using (var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"))) writer.Append(MemoryExample.Episode());
        using var json = JsonDocument.Parse(Invoke(run.FullName, "--json", "--episode", "train/8/0/1").Output);
        var a = json.RootElement.GetProperty("memory_blocks")[1];
        Assert.Equal(
            """{"index":"a","content":"code 42\u001b[2J\nred door","tokens":20,"written_at":1,"written_by":{"segment":0,"start":60,"length":8},"end":{"kind":"overwritten","turn":6},"reads":[{"turn":3,"used_by":4,"evicted_after":4}],"is_dead":false}""",
            a.GetRawText(),
            ignoreCase: true);
        Assert.Equal(0.125, json.RootElement.GetProperty("penalties").GetProperty("context_overflow").GetDouble());
        Assert.Equal("memory_write", json.RootElement.GetProperty("turns")[1].GetProperty("kind").GetString());
    }

    [Fact]
    public void Tokens_are_listed_one_a_line_with_kind_loss_and_log_probability() =>
        Approved.Check("tokens", Text(new EpisodeView(new TokenText(new LetterTokenizer()), showTokens: true).Render(Example.Episode())));

    [Fact]
    public void Without_a_tokenizer_ids_are_shown()
    {
        File.Delete(Path.Combine(run.FullName, "tokenizer", "tokenizer.json"));
        var (code, output, errors) = Invoke(run.FullName, "--episode", "train/0/3/1");
        Assert.Equal(0, code);
        Assert.Contains("[task] <102 105", output, StringComparison.Ordinal);
        Assert.Contains("no tokenizer", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_tab_separated_when_no_terminal_reads_it()
    {
        var (code, output, errors) = Invoke(run.FullName, "--limit", "3");
        Assert.Equal(0, code);
        Approved.Check("list", output + errors);
    }

    [Fact]
    public void Filters_narrow_the_list()
    {
        Assert.Equal(6, Count("--phase", "eval"));
        Assert.Equal(8, Count("--step", "2..3"));
        Assert.Equal(0, Count("--reward", "0.6.."));
        Assert.Equal(30, Count("--rounds", "1", "--family", "functions", "--outcome", "answered", "--limit", "100", "--text", "BEST 7"));
        Assert.Equal(0, Count("--text", "nowhere"));

        int Count(params string[] filter) => Invoke([run.FullName, .. filter]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1;
    }

    [Fact]
    public void Reads_and_writes_narrow_the_list()
    {
        using (var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"))) writer.Append(MemoryExample.Episode()); // 2 reads, 3 writes
        Assert.Equal(["train/8/0/1"], Keys("--reads", "1.."));
        Assert.Equal(["train/8/0/1"], Keys("--reads", "2"));
        Assert.Empty(Keys("--reads", "3.."));
        Assert.Equal(["train/8/0/1"], Keys("--writes", "3..9"));
        Assert.Empty(Keys("--writes", "1..2"));
        Assert.Equal(["train/8/0/1"], Keys("--writes", "3", "--reads", "..2"));
        Assert.Empty(Keys("--writes", "0", "--reads", "1.."));
        Assert.Equal(30, Keys("--writes", "0", "--limit", "100").Length);
        Assert.Equal(30, Keys("--reads", "..1", "--limit", "100").Length);
        var help = Invoke("--help").Output;
        foreach (var option in new[] { "--reads", "--writes" }) Assert.Contains(option, help, StringComparison.Ordinal);

        string[] Keys(params string[] filter) => [.. Invoke([run.FullName, .. filter]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split('\t')[0])];
    }

    [Fact]
    public void Json_holds_everything()
    {
        var list = Invoke(run.FullName, "--json", "--limit", "2").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, list.Length);
        using var entry = JsonDocument.Parse(list[0]);
        Assert.Equal("eval/long", entry.RootElement.GetProperty("key").GetProperty("phase").GetString());

        using var episode = JsonDocument.Parse(Invoke(run.FullName, "--json", "--episode", "eval/long/7/3/1").Output);
        var segment = episode.RootElement.GetProperty("segments")[0];
        var expected = Example.Episode().Segments[0];
        Assert.Equal(expected.Ids, segment.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()));
        Assert.Equal(expected.LogProbs, segment.GetProperty("log_probs").EnumerateArray().Select(i => i.GetSingle()));
        Assert.Equal("summary", episode.RootElement.GetProperty("turns")[2].GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("there is no run", "/nowhere/run")]
    [InlineData("holds no episode train/99/0/0", null, "--episode", "train/99/0/0")]
    [InlineData("names no episode", null, "--episode", "train")]
    [InlineData("is no outcome", null, "--outcome", "won")]
    [InlineData("is no range", null, "--step", "..")]
    [InlineData("is not a whole number", null, "--step", "a..b")]
    [InlineData("its beginning is above its end", null, "--reward", "1..0")]
    [InlineData("--reads: 'some' is not a whole number", null, "--reads", "some")]
    [InlineData("--writes: '2..1' is empty", null, "--writes", "2..1")]
    public void Mistakes_are_told_on_the_error_output_with_exit_code_2(string message, string? path, params string[] rest)
    {
        var (code, output, errors) = Invoke([path ?? run.FullName, .. rest]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_damaged_archive_is_told_with_file_and_offset()
    {
        var log = Path.Combine(run.FullName, "archive", "episodes-000001.log");
        var bytes = File.ReadAllBytes(log);
        bytes[100] ^= 1;
        File.WriteAllBytes(log, bytes);
        var damaged = Invoke(run.FullName);
        Assert.Equal(2, damaged.Code);
        Assert.Contains($"{log}: offset 16", damaged.Errors, StringComparison.Ordinal);
        var skipped = Invoke(run.FullName, "--skip-damaged");
        Assert.Equal(0, skipped.Code);
        Assert.Contains($"skipped: {log}: offset 16", skipped.Errors, StringComparison.Ordinal);

        Directory.Delete(Path.Combine(run.FullName, "archive"), recursive: true);
        var missing = Invoke(run.FullName);
        Assert.Equal(2, missing.Code);
        Assert.Contains("no archive", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_can_be_inspected_while_it_is_written()
    {
        using var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"));
        writer.Append(Example.Episode(step: 99));
        writer.Flush();
        Assert.Contains("train/99/3/0", Invoke(run.FullName).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_gets_colours_and_a_table_but_no_escape_codes_of_the_policy()
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor, Out = new AnsiConsoleOutput(writer) });
        var inspector = new InspectRunner(_ => new LetterTokenizer(), new TerminalOutput(console, writer), writer);
        Assert.Equal(0, inspector.Run(new InspectRequest { Run = run.FullName }));
        Assert.Equal(0, inspector.Run(new InspectRequest { Run = run.FullName, Episode = InspectRequest.ParseKey("train/0/3/0"), Tokens = true }));
        Assert.Contains("\u001B[", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("\\x1B[2J", writer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001B[2J", writer.ToString(), StringComparison.Ordinal);
    }
}
