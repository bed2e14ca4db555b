using System.Text.Json;

namespace AgentRL.Cpu.Tests.Support;

/// <summary>What an independent implementation says about one text of the trained reference model.</summary>
internal static class SharedData
{
    internal static string Folder { get; } = Find();

    internal static string Stories => Path.Combine(Folder, "stories260K");

    internal static (int[] Inputs, int[] Targets, bool[] Forced, double[] LogProbs) Reference()
    {
        JsonElement[] lines = [.. File.ReadLines(Path.Combine(Stories, "ref_p9.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement).Where(e => e.TryGetProperty("pos", out _))];
        return ([.. lines.Select(e => e.GetProperty("in").GetInt32())], [.. lines.Select(e => e.GetProperty("next").GetInt32())],
            [.. lines.Select(e => e.GetProperty("forced").GetBoolean())], [.. lines.Select(e => e.GetProperty("logprob").GetDouble())]);
    }

    private static string Find()
    {
        var named = Environment.GetEnvironmentVariable("AGENTRL_TEST_DATA");
        if (!string.IsNullOrEmpty(named)) return named;
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "AgentRL.sln"))) at = at.Parent;
        return Path.GetFullPath(Path.Combine(at?.FullName ?? ".", "..", "shared", "data"));
    }
}

/// <summary>A test that needs the shared reference data; skipped, saying so, where the folder is missing.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (!Directory.Exists(SharedData.Folder)) Skip = $"no reference data in {SharedData.Folder} (set AGENTRL_TEST_DATA)";
    }
}
