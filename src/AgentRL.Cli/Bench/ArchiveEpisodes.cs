using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Cli.Bench;

/// <summary>Episodes that take about as much room as those of training: half of the tokens sampled, log-probabilities of noise, a call and an observation a turn.</summary>
internal static class ArchiveEpisodes
{
    private const int GroupSize = 8, GroupsPerStep = 16, TurnTokens = 25, SegmentTokens = 250;

    private static readonly string[] Tools = ["get", "combine", "observe", "read_experience"];

    /// <summary>An episode; a function of its number.</summary>
    public static Episode Make(int number, int tokens)
    {
        var draws = RandomStream.Root(number, "bench archive").Sequence();
        var task = number / GroupSize;
        var solved = draws.NextDouble() < 0.6;
        var turns = Math.Max(1, tokens / (2 * TurnTokens));
        return new Episode
        {
            Key = new EpisodeKey(number % 50 == 49 ? "eval/long/4" : "train", number / (GroupSize * GroupsPerStep), task % GroupsPerStep, number % GroupSize),
            TaskId = $"functions/{(task % 3 == 0 ? "scan_max" : task % 3 == 1 ? "house_robber" : "prefix_sum")}@{{\"n\":24,\"seed\":{task},\"split\":\"train\"}}",
            Strategy = "indexed",
            Outcome = solved || draws.NextDouble() < 0.7 ? Outcome.Answered : Outcome.RoundsExhausted,
            Result = new EnvironmentResult(true, solved ? 1 : 0, solved, new Dictionary<string, double>()),
            Rounds = (tokens - 1) / SegmentTokens,
            PeakWorkingContext = Math.Min(tokens, SegmentTokens) - draws.NextInt(0, 20),
            Advantage = draws.NextDouble() - 0.5,
            Return = draws.NextDouble(),
            Masked = false,
            Segments = [.. Enumerable.Range(0, (tokens + SegmentTokens - 1) / SegmentTokens).Select(s => Segment(draws, Math.Min(SegmentTokens, tokens - s * SegmentTokens)))],
            Turns = [.. Enumerable.Range(0, turns).Select(t => Turn(draws, t))],
            MemoryEvents = [.. Enumerable.Range(0, draws.NextInt(0, 4)).Select(i => new MemoryEvent(i % 2 == 0 ? MemoryEventKind.Write : MemoryEventKind.Read, i, $"block-{i}", i % 2 == 0 ? $"best {draws.NextInt(0, 999)}" : null, 3))],
        };
    }

    private static Segment Segment(RandomSequence draws, int tokens)
    {
        var builder = new SegmentBuilder();
        while (builder.Length < tokens)
        {
            var n = Math.Min(TurnTokens, tokens - builder.Length);
            var ids = new int[n];
            for (var i = 0; i < n; i++) ids[i] = draws.NextInt(0, 511);
            if (builder.Length / TurnTokens % 2 == 0)
            {
                builder.Append(TokenKind.Observation, ids);
                continue;
            }
            var logProbs = new float[n];
            for (var i = 0; i < n; i++) logProbs[i] = (float)Math.Log(1 - 0.9 * draws.NextDouble());
            builder.AppendSampled(TokenKind.Action, ids, logProbs, 12);
        }
        return builder.Build();
    }

    private static Turn Turn(RandomSequence draws, int index)
    {
        var tool = Tools[draws.NextInt(0, Tools.Length - 1)];
        var arguments = $"{{\"i\":{draws.NextInt(0, 23)}}}";
        return new Turn
        {
            Index = index,
            Segment = 0,
            Kind = TurnKind.Action,
            Start = TurnTokens * (1 + 2 * index),
            SampledTokens = TurnTokens,
            ContextTokens = TurnTokens * (1 + 2 * index),
            Finish = FinishReason.Stop,
            Text = $"<tool_call>{{\"name\":\"{tool}\",\"arguments\":{arguments}}}</tool_call>",
            ToolName = tool,
            ToolArguments = arguments,
            Observation = $"value {draws.NextInt(0, 99_999)} at place {draws.NextInt(0, 23)}",
            GenerationMilliseconds = draws.NextDouble() * 20,
            ToolMilliseconds = draws.NextDouble(),
        };
    }
}
