using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Contexts;
using AgentRL.Episodes;

namespace AgentRL.Inspector.Tests.Support;

/// <summary>A run's folder made by hand: metrics, an archive of a few episodes, an evaluation. Goes away with its test.</summary>
internal sealed class TestRun : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("agentrl-inspector-");

    public TestRun(params IReadOnlyList<Episode> episodes)
    {
        File.WriteAllText(Path("run.json"), """{"format":1,"by":"agentrl"}""");
        Directory.CreateDirectory(Path("tokenizer"));
        File.WriteAllText(Path("tokenizer/tokenizer.json"), "{}");
        File.WriteAllText(Path("summary.json"), """
            {"sweep":[{"split":"eval","context":"summary","rounds":4,"episodes":64,"success":0.75,"ci_low":0.63,"ci_high":0.84,"rounds_used":2,"peak_working_context":41}]}
            """);
        for (var step = 1; step <= 12; step++) AddStep(step);
        if (episodes.Count > 0) Append(episodes);
    }

    public string Root => folder.FullName;

    /// <summary>Episodes with a summary, with a memory, and with hostile texts, among others of their groups.</summary>
    public static TestRun Whole() => new(
    [
        .. Enumerable.Range(0, 60).Select(i => Example.Episode(step: 1 + i / 8, sample: i % 8) with { Result = Solved(i % 3 == 0) }),
        MemoryExample.Episode(),
        Hostile.Episode(),
        Example.Episode(step: 12, phase: "eval/long"),
    ]);

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public string Log => Path("archive/episodes-000001.log");

    public InspectorOptions Options => new()
    {
        Run = Root,
        LoadTokenizer = _ => new LetterTokenizer(),
        Context = new ContextOptions { WorkingContext = 64, Threshold = 0.75 },
    };

    /// <summary>A step of training, and after each fourth an evaluation.</summary>
    public void AddStep(int step)
    {
        var train = new Dictionary<string, object>
        {
            ["phase"] = "train",
            ["step"] = step,
            ["episodes"] = 64,
            ["success"] = step / 20.0,
            ["reward"] = step / 20.0,
            ["return"] = step / 25.0,
            ["rounds"] = 1 + step / 8.0,
            ["peak_working_context"] = 60 - step,
            ["reads"] = 1,
            ["writes"] = 2,
            ["entropy"] = 1.0 / step,
            ["approx_kl_k1"] = -1e-8,
            ["clip_fraction"] = 0.01,
            ["gradient_norm"] = 0.5 / step,
            ["mismatch_logprob_max"] = 1e-5,
            ["seconds/collect"] = 1.5,
            ["seconds/update"] = 0.5,
        };
        File.AppendAllText(Path("metrics.jsonl"), JsonSerializer.Serialize(train) + "\n");
        if (step % 4 != 0) return;
        File.AppendAllText(
            Path("metrics.jsonl"),
            $$"""{"phase":"eval","step":{{step}},"split":"eval","context":"summary","rounds_allowed":"4","episodes":64,"failed_episodes":0,"success":0.5}""" + "\n");
    }

    public void Append(IEnumerable<Episode> episodes)
    {
        using var writer = ArchiveWriter.Open(Path("archive"), options: new ArchiveWriterOptions { FrameBytes = 2000 });
        foreach (var episode in episodes) writer.Append(episode);
        writer.Flush();
    }

    /// <summary>Names and contents of all files but the index, which is a cache, to see whether any was changed.</summary>
    public string Fingerprint() => string.Join('\n', Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        .Where(f => !System.IO.Path.GetFileName(f).StartsWith("index.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(f => f + " " + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))));

    public void Dispose() => folder.Delete(recursive: true);

    private static Environments.EnvironmentResult Solved(bool solved) => new(true, solved ? 1 : 0, solved, new Dictionary<string, double> { ["value"] = solved ? 1 : 0 });
}
