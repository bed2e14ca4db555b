using System.Text.Json.Nodes;
using AgentRL.Archive;
using AgentRL.Episodes;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Tests.Support;

/// <summary>What two equal runs have in common: everything but times and memory.</summary>
internal static class RunContent
{
    /// <summary>Lines of the metrics file, each parsed.</summary>
    public static List<JsonObject> Metrics(RunDirectory run) => [.. File.ReadLines(run.Metrics).Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The archive's episodes in the order in which they were written.</summary>
    public static List<Episode> Episodes(RunDirectory run) => [.. new ArchiveReader(run.Archive).Read().Select(e => e.Episode)];

    /// <summary>The bytes of the archive's logs. Under <see cref="FrozenTime"/> all times in them are 0.</summary>
    public static List<string> ArchiveBytes(RunDirectory run) => [.. Directory.GetFiles(run.Archive, "*.log").Order(StringComparer.Ordinal).Select(path => Convert.ToHexString(File.ReadAllBytes(path)))];

    public static void AssertEqual(RunDirectory expected, RunDirectory actual) => AssertEqual(expected, actual, []);

    /// <summary>The same of runs whose settings differ, and with them these entries of their summaries.</summary>
    public static void AssertEqual(RunDirectory expected, RunDirectory actual, string[] settings)
    {
        Assert.Equal(Lines(expected), Lines(actual));
        Assert.Equal(Episodes(expected).Select(e => $"{e.Key}"), Episodes(actual).Select(e => $"{e.Key}"));
        Assert.Equal(Episodes(expected).Select(e => Convert.ToHexString(EpisodeCodec.EncodeContent(e))), Episodes(actual).Select(e => Convert.ToHexString(EpisodeCodec.EncodeContent(e))));
        Assert.Equal(Summary(expected, settings), Summary(actual, settings));
        Assert.Equal(Weights(expected), Weights(actual));
    }

    private static List<string> Lines(RunDirectory run) => [.. Metrics(run).Select(line => Without(line, name => name.StartsWith("memory/", StringComparison.Ordinal) || name.StartsWith("seconds/", StringComparison.Ordinal)))];

    private static string Summary(RunDirectory run, string[] settings) => Without(JsonNode.Parse(File.ReadAllText(run.Summary))!.AsObject(), name => name is "seconds" or "peak_rss_mb" || settings.Contains(name));

    private static string Weights(RunDirectory run) => Convert.ToHexString(File.ReadAllBytes(Path.Combine(run.Policy, "model.safetensors")));

    private static string Without(JsonObject json, Func<string, bool> isLeftOut)
    {
        foreach (var name in json.Select(p => p.Key).Where(isLeftOut).ToList()) json.Remove(name);
        return json.ToJsonString();
    }
}
