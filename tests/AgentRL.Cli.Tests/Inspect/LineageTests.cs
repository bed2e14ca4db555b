using System.CommandLine;
using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Cli.Inspect;
using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Training;
using Spectre.Console;

namespace AgentRL.Cli.Tests.Inspect;

public sealed class LineageTests : IDisposable
{
    private readonly DirectoryInfo run = Directory.CreateTempSubdirectory("agentrl-lineage-");

    public LineageTests()
    {
        using var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"));
        for (var step = 1; step <= 4; step++)
        {
            writer.Append(MemoryExample.Episode() with { Key = new EpisodeKey("train", step, 0, 0), Advantage = 1, Masked = false });
            writer.Append(Example.Episode(step, sample: 1) with { Advantage = -1 });
        }
        writer.Append(WithOracle(Example.Episode(step: 4, phase: "eval/long")) with { Advantage = null });
    }

    public void Dispose() => run.Delete(recursive: true);

    [Fact]
    public void Rates_of_a_run_are_tables() => Approved.Check("rates", Invoke(run.FullName, "--lineage", "--parts", "2").Output);

    [Fact]
    public void An_episodes_lineage_is_a_tree() => Approved.Check(
        "lineage", Invoke(run.FullName, "--lineage", "--episode", "train/1/0/0").Output + Invoke(run.FullName, "--lineage", "--episode", "eval/long/4/3/0").Output);

    [Fact]
    public void The_transcript_ends_with_the_same_tree() =>
        Assert.EndsWith("\n" + Invoke(run.FullName, "--lineage", "--episode", "train/1/0/0").Output, Invoke(run.FullName, "--episode", "train/1/0/0").Output, StringComparison.Ordinal);

    [Fact]
    public void Filters_narrow_the_rates_but_not_the_n_of_the_gradient()
    {
        var all = Parts("--phase", "train", "--parts", "1").Single();
        var some = Parts("--phase", "train", "--parts", "1", "--reads", "1..").Single();
        Assert.Equal((8, 4), (all.GetProperty("rates").GetProperty("episodes").GetInt32(), some.GetProperty("rates").GetProperty("episodes").GetInt32()));
        var (whole, part) = (Weight(all, "memory_read"), Weight(some, "memory_read"));
        Assert.True(whole > 0);
        Assert.Equal(whole, part, 12);
        Assert.True(Weight(all, "action") > Weight(some, "action"));

        static double Weight(JsonElement e, string kind) => e.GetProperty("gradient").GetProperty(kind).GetProperty("weight").GetDouble();
    }

    [Fact]
    public void Json_has_a_line_for_each_part()
    {
        var parts = Parts("--parts", "4");
        Assert.Equal(["train 1", "train 2", "train 3", "train 4", "eval/long 4"], parts.Select(p => $"{p.GetProperty("phase").GetString()} {p.GetProperty("step_from").GetInt32()}"));
        Assert.Equal(2.0 / 3, parts[0].GetProperty("rates").GetProperty("dead_write_rate").GetDouble(), 12);
        Assert.Equal(1, parts[0].GetProperty("gradient").GetProperty("weight_share").EnumerateObject().Sum(k => k.Value.GetDouble()), 12);
        Assert.Equal(JsonValueKind.Null, parts[4].GetProperty("gradient").GetProperty("weight_share").GetProperty("action").ValueKind);
    }

    [Fact]
    public void Json_of_an_episode_holds_its_lineage()
    {
        using var json = JsonDocument.Parse(Invoke(run.FullName, "--json", "--episode", "eval/long/4/3/0").Output);
        var fact = json.RootElement.GetProperty("lineage").GetProperty("compressions")[0].GetProperty("facts")[0];
        Assert.Equal("""{"fact":{"name":"best","value":"7"},"fate":"carried","stated_instead":null,"used_by":4,"needed_at":null}""", fact.GetRawText());
    }

    [Fact]
    public void The_runs_own_algorithm_decides_what_n_is()
    {
        // The step's two episodes have 27 and 58 loss tokens: by tokens they weigh as these, by episodes the same.
        double Share(AlgorithmOptions options)
        {
            var output = new StringWriter();
            var inspector = new InspectRunner(_ => new LetterTokenizer(), new PlainOutput(output), TextWriter.Null, _ => options);
            Assert.Equal(0, inspector.Run(new InspectRequest { Run = run.FullName, Lineage = true, Json = true, Parts = 1 }));
            using var json = JsonDocument.Parse(output.ToString().Split('\n')[0]);
            return json.RootElement.GetProperty("gradient").GetProperty("total").GetProperty("weight").GetDouble();
        }

        Assert.Equal(4, Share(new AlgorithmOptions { LossAggregation = LossAggregation.EpisodeMean }), 9); // |A| is 1: a step's weights add up to 1
        Assert.Equal(4 * 2, Share(new AlgorithmOptions { UpdatesPerStep = 2 }), 9); // each update's do
    }

    [Fact]
    public void A_configuration_that_cannot_be_read_is_said()
    {
        var errors = new StringWriter();
        var inspector = new InspectRunner(_ => new LetterTokenizer(), new PlainOutput(TextWriter.Null), errors, _ => throw new BadInputException("no such file"));
        Assert.Equal(0, inspector.Run(new InspectRequest { Run = run.FullName, Lineage = true }));
        Assert.Contains("gradient shares are those of the default algorithm: no such file", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_fits_is_said()
    {
        Assert.Contains("no episode fits; 9 are in the archive", Invoke(run.FullName, "--lineage", "--phase", "nowhere").Errors, StringComparison.Ordinal);
        using (var writer = ArchiveWriter.Open(Path.Combine(run.FullName, "archive"))) writer.Append(Example.Episode(9) with { Turns = [] });
        Assert.Contains("has neither compressions nor memory blocks", Invoke(run.FullName, "--lineage", "--episode", "train/9/3/0").Errors, StringComparison.Ordinal);
        Assert.Equal((2, "agentrl inspect: --parts: must be at least 1\n"), Invoke(run.FullName, "--lineage", "--parts", "0") is var (code, _, errors) ? (code, errors) : default);
    }

    [Fact]
    public void A_terminal_gets_drawn_trees_and_tables_but_no_escape_codes_of_the_policy()
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor, Out = new AnsiConsoleOutput(writer) });
        var inspector = new InspectRunner(_ => new LetterTokenizer(), new TerminalOutput(console, writer), writer);
        Assert.Equal(0, inspector.Run(new InspectRequest { Run = run.FullName, Lineage = true, Episode = InspectRequest.ParseKey("train/1/0/0") }));
        Assert.Equal(0, inspector.Run(new InspectRequest { Run = run.FullName, Lineage = true }));
        Assert.Contains("└── ", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("\u001B[", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("\\x1B[2J", writer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001B[2J", writer.ToString(), StringComparison.Ordinal);
    }

    private static Episode WithOracle(Episode episode) =>
        episode with { Turns = [.. episode.Turns.Select(t => t.Summary is null ? t : t with { Oracle = "best=7 at=1\u001B[2J" })] };

    private List<JsonElement> Parts(params string[] arguments) =>
        [.. Invoke([run.FullName, "--lineage", "--json", .. arguments]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static (int Code, string Output, string Errors) Invoke(params string[] arguments)
    {
        var root = new RootCommand { InspectCommand.Create(_ => new LetterTokenizer()) };
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = root.Parse(["inspect", .. arguments]).Invoke(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }
}
