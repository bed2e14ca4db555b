using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentRL.Archive.Maintenance;

namespace AgentRL.Cli.Archives;

/// <summary>What <c>agentrl archive verify</c> says.</summary>
internal static class CheckText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json(string folder, ArchiveCheck check) => JsonSerializer.Serialize(
        new
        {
            Archive = folder,
            check.IsSound,
            check.Files,
            check.Bytes,
            check.Frames,
            check.Episodes,
            check.RawBytes,
            Versions = check.Versions.ToDictionary(v => v.Key.ToString(CultureInfo.InvariantCulture), v => v.Value),
            check.Damage,
            check.Tail,
            LostPositions = check.LostPositions.Select(p => p.ToString()),
            check.Index,
            check.IndexWasRebuilt,
        },
        Options);

    public static IEnumerable<string> Lines(string folder, ArchiveCheck check)
    {
        var versions = string.Join(", ", check.Versions.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Value:N0} of format {v.Key}")));
        yield return $"{folder}: {RunArchive.Count(check.Files, "file")}, {RunArchive.Size(check.Bytes)}, {RunArchive.Count(check.Frames, "frame")}, {RunArchive.Count(check.Episodes, "episode")}"
            + (versions.Length > 0 ? $" ({versions})" : "");
        yield return $"  index: {IndexText(check)}";
        foreach (var damage in check.Damage) yield return $"  bad: {damage}";
        foreach (var position in check.LostPositions) yield return $"  bad: a checkpoint's position ({position}) is not in the log: the run cannot go on from it";
        if (check.Tail is { } tail) yield return $"  note: {tail}: a crash left it, or a run is writing; the next writer moves it aside";
        yield return check.IsSound
            ? "  sound"
            : $"  NOT SOUND{(check.Damage.Count > 0 ? ": inspect --skip-damaged shows the rest, archive compact --skip-damaged leaves out what is bad" : "")}";
    }

    private static string IndexText(ArchiveCheck check)
    {
        var state = check.Index switch
        {
            IndexState.Good => "fits the log",
            IndexState.Missing => "there is none",
            IndexState.Unusable => "cannot be used (damaged, left open, of another version or log)",
            IndexState.Behind => "lacks the newest episodes",
            _ => "says something else than the log",
        };
        return check.Index == IndexState.Good ? state : $"{state}; {(check.IndexWasRebuilt ? "rebuilt" : "not rebuilt")}";
    }
}
