using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Tests.Fakes;

/// <summary>Episodes made up for credit and metrics.</summary>
internal static class MadeEpisodes
{
    /// <summary>An episode whose segments have a prompt token, then the given numbers of loss tokens, of which the last ones are summaries.</summary>
    public static Episode With(double reward, int[] lossTokens, Outcome outcome = Outcome.Answered, int group = 0, int sample = 0, int summaryTokens = 0) => new()
    {
        Key = new EpisodeKey("train", 0, group, sample),
        TaskId = $"t{group}",
        Strategy = "summary",
        Segments = [.. lossTokens.Select((n, i) => Segment(n, i < lossTokens.Length - 1 ? summaryTokens : 0, 1000 * sample + i))],
        Turns = [],
        Outcome = outcome,
        Result = new EnvironmentResult(outcome == Outcome.Answered, reward, reward >= 1, new Dictionary<string, double>()),
        Rounds = Math.Max(0, lossTokens.Length - 1),
        PeakWorkingContext = 10,
    };

    public static Turn Turn(int index, TurnKind kind, CallStatus status = CallStatus.Ok) => new()
    {
        Index = index,
        Segment = 0,
        Kind = kind,
        Start = 5,
        SampledTokens = 4,
        ContextTokens = 20,
        Finish = FinishReason.Stop,
        Text = "",
        CallStatus = status,
    };

    private static Segment Segment(int lossTokens, int summaries, int mark)
    {
        var builder = new SegmentBuilder();
        builder.Append(TokenKind.Task, [mark]);
        builder.AppendSampled(TokenKind.Action, [.. Enumerable.Repeat(7, lossTokens - summaries)], new float[lossTokens - summaries], 0);
        builder.AppendSampled(TokenKind.Summary, [.. Enumerable.Repeat(8, summaries)], new float[summaries], 0);
        return builder.Build();
    }
}
