using System.Text.Json;
using AgentRL.Training.Replays;

namespace AgentRL.Cli.Replay;

/// <summary>A replay's report as JSON, on one line.</summary>
internal static class ReplayJson
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Of(ReplayReport report) => JsonSerializer.Serialize(
        new
        {
            report.Holds,
            report.Episodes,
            report.Verified,
            report.FailedEpisodes,
            report.NeverBegan,
            report.UnknownSettings,
            report.OldRecords,
            report.IncompleteGroups,
            report.LogProbs,
            Damage = report.Damage.Select(d => d.ToString()),
            Tail = report.Tail?.ToString(),
            Divergences = report.Divergences.Select(d => new
            {
                Episode = d.Key.ToString(),
                d.Divergence.Segment,
                d.Divergence.Token,
                d.Divergence.Turn,
                d.Divergence.Discarded,
                d.Divergence.What,
                d.Divergence.Expected,
                d.Divergence.Found,
            }),
        },
        Options);
}
