using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentRL.Archive.Index;
using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Metrics;
using AgentRL.Tokens;

namespace AgentRL.Cli.Inspect;

/// <summary>Entries and episodes as JSON, each on one line.</summary>
internal static class InspectJson
{
    // Not-a-number and infinities appear as strings; lone surrogates as U+FFFD, as JSON has no other way.
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(EpisodeEntry entry) => JsonSerializer.Serialize(entry, Options);

    /// <summary>An episode, with what became of each block of its memory.</summary>
    public static string Of(Episode episode)
    {
        var json = JsonSerializer.SerializeToNode(episode, Options)!.AsObject();
        json["memory_blocks"] = JsonSerializer.SerializeToNode(MemoryLife.Of(episode).Blocks, Options);
        json["lineage"] = JsonSerializer.SerializeToNode(EpisodeLineage.Of(episode), Options);
        return json.ToJsonString(Options);
    }

    /// <summary>Rates of a part of a run.</summary>
    public static string Of(LineagePart part)
    {
        var json = JsonSerializer.SerializeToNode(part, Options)!.AsObject();
        var kinds = new[] { TokenKind.Action, TokenKind.Summary, TokenKind.MemoryWrite, TokenKind.MemoryRead };
        json["gradient"]!["weight_share"] = JsonSerializer.SerializeToNode(kinds.ToDictionary(k => k, part.Gradient.WeightShare), Options);
        json["gradient"]!["token_share"] = JsonSerializer.SerializeToNode(kinds.ToDictionary(k => k, part.Gradient.TokenShare), Options);
        return json.ToJsonString(Options);
    }

    /// <summary>A comparison.</summary>
    public static string Of(EpisodeComparison comparison) => JsonSerializer.Serialize(comparison, Options);
}
