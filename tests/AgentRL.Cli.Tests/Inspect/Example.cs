using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Cli.Tests.Inspect;

/// <summary>An episode with everything that a view has to show: a summary, a discarded turn, a bad call, hostile text.</summary>
internal static class Example
{
    private static readonly LetterTokenizer Letters = new();

    public static Episode Episode(int step = 12, int sample = 0, string phase = "train")
    {
        var first = Opening();
        var a = Act(first, TokenKind.Action, "get 0");
        first.Append(TokenKind.Observation, Letters.Encode("=7\u001B[2J"));
        var discarded = new SegmentBuilder();
        discarded.AppendSampled(TokenKind.Action, Letters.Encode("get 1"), [-0.5f, -0.25f, 0, -0.125f, -1], 3);
        discarded.Append(TokenKind.Observation, Letters.Encode("=9"));
        var crossing = first.Length;
        first.Append(TokenKind.Instruction, Letters.Encode("sum up!"));
        var c = Act(first, TokenKind.Summary, "best 7");
        var second = Opening();
        second.Append(TokenKind.CarriedSummary, Letters.Encode("best 7\nat 0"));
        var d = Act(second, TokenKind.Action, "{oops");
        second.Append(TokenKind.Observation, Letters.Encode("bad call"));
        var e = Act(second, TokenKind.Action, "answer 7");
        return new Episode
        {
            Key = new EpisodeKey(phase, step, 3, sample),
            TaskId = "functions/scan_max@{\"n\":12,\"seed\":5}",
            Strategy = "summary",
            Segments = [first.Build(), second.Build()],
            Turns =
            [
                Turn(0, 0, a, 5, "get 0") with { ToolName = "get", ToolArguments = "{\"i\":0}", Observation = "=7\u001B[2J", GenerationMilliseconds = 12.25, ToolMilliseconds = 0.5 },
                Turn(1, 0, crossing, 5, "get 1") with { ToolName = "get", ToolArguments = "{\"i\":1}", Observation = "=9", Discarded = discarded.Build() },
                Turn(2, 0, c, 6, "best 7") with { Kind = TurnKind.Summary, Summary = "best 7\nat 0", SummaryFellBack = true },
                Turn(3, 1, d, 5, "{oops") with { CallStatus = CallStatus.Malformed, Observation = "bad call", ObservationCut = true, Finish = FinishReason.Length },
                Turn(4, 1, e, 8, "answer 7") with { ToolName = "answer", ToolArguments = "{\"v\":7}" },
            ],
            Outcome = Outcome.Answered,
            Result = new EnvironmentResult(true, 0.5, false, new Dictionary<string, double> { ["value"] = 0.5, ["index"] = 0 }),
            Rounds = 1,
            PeakWorkingContext = 41,
            Advantage = -0.70710678,
            Masked = false,
        };
    }

    private static SegmentBuilder Opening()
    {
        var segment = new SegmentBuilder();
        segment.Append(TokenKind.System, Letters.Encode("tools: get answer\n"));
        segment.Append(TokenKind.Task, Letters.Encode("find max"));
        return segment;
    }

    private static int Act(SegmentBuilder segment, TokenKind kind, string text)
    {
        var start = segment.Length;
        segment.AppendSampled(kind, Letters.Encode(text), [.. text.Select((_, i) => -i / 8f)], 3, [.. text.Select((_, i) => i / 4f)]);
        return start;
    }

    private static Turn Turn(int index, int segment, int start, int tokens, string text) => new()
    {
        Index = index,
        Segment = segment,
        Kind = TurnKind.Action,
        Start = start,
        SampledTokens = tokens,
        ContextTokens = start,
        Finish = FinishReason.Stop,
        Text = text,
    };
}
