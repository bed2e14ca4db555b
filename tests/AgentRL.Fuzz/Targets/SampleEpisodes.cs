using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Fuzz.Targets;

/// <summary>Small episodes in which every field of a record is in use.</summary>
internal static class SampleEpisodes
{
    public static readonly Episode[] All = [Plain(), Full()];

    private static Episode Plain() => new()
    {
        Key = new EpisodeKey("train", 3, 1, 0),
        TaskId = "functions/scan_max@{\"from\":1,\"to\":12}",
        Strategy = "full",
        Outcome = Outcome.TurnsExhausted,
        Result = EnvironmentResult.Running,
        Rounds = 0,
        PeakWorkingContext = 9,
        Segments = [Segment(6), Segment(0)],
        Turns = [Turn(0)],
    };

    private static Episode Full() => Plain() with
    {
        Key = new EpisodeKey("eval/long/4", 12, 3, 7),
        Outcome = Outcome.Answered,
        Result = new EnvironmentResult(true, 0.5, true, new Dictionary<string, double> { ["speed"] = 0.25, ["right"] = 1 }),
        Rounds = 2,
        Segments = [Segment(5) with { Entropies = [0, 0, 0.5f, 1, 0] }, Segment(3)],
        Turns =
        [
            Turn(0) with { ToolName = "get", ToolArguments = "{\"i\":3}", Observation = "v=3 \uD800", ObservationCut = true, ChangedState = true, ContextAfter = 7, GenerationMilliseconds = 1.5 },
            Turn(1) with { Kind = TurnKind.Summary, Summary = "best 3", SummaryFellBack = true, Oracle = "i=3 m=3", Discarded = Segment(2) with { Entropies = [0.5f, 0] } },
        ],
        MemoryEvents = [new(MemoryEventKind.Write, 1, "b1", "exact", 2), new(MemoryEventKind.Read, 2, "b1", null, 2), new(MemoryEventKind.Loaded, -1, "old")],
        Penalties = new Penalties(0.125, 0, 0.5),
        Return = 0.25,
        Advantage = -1.5,
        Masked = true,
        Failure = "the environment timed out",
        Retries = 2,
    };

    private static Turn Turn(int index) => new()
    {
        Index = index,
        Segment = 0,
        Kind = TurnKind.Action,
        Start = 2,
        SampledTokens = 2,
        ContextTokens = 2,
        Finish = FinishReason.Stop,
        Text = "<tool_call>{}</tool_call> höhö",
    };

    private static Segment Segment(int tokens) => new(
        [.. Enumerable.Range(0, tokens).Select(i => 100 * i)],
        [.. Enumerable.Range(0, tokens).Select(i => (TokenKind)(i % 9))],
        [.. Enumerable.Range(0, tokens).Select(i => i % 2 == 0)],
        [.. Enumerable.Range(0, tokens).Select(i => -0.5f * i)],
        [.. Enumerable.Range(0, tokens).Select(i => i - 1)]);
}
