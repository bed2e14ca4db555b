using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Tokens;

namespace AgentRL.Archive.Tests;

/// <summary>Episodes like those of training: three segments of 110 tokens, fifteen turns.</summary>
internal static class Samples
{
    public static Episode Episode(int number, string phase = "train", int segments = 3, int tokens = 110, int turns = 15)
    {
        var solved = number % 3 != 0;
        var stream = new SplitMix((ulong)number);
        return new Episode
        {
            Key = new EpisodeKey(phase, number / 8, number % 8 / 4, number % 4),
            TaskId = $"functions/{(number % 2 == 0 ? "scan_max" : "sum")}@{{\"n\":12,\"seed\":{number},\"split\":\"train\"}}",
            Strategy = "summary",
            Outcome = number % 5 == 4 ? Outcome.RoundsExhausted : Outcome.Answered,
            Result = new EnvironmentResult(true, solved ? 1 : 0, solved, new Dictionary<string, double>()),
            Rounds = segments - 1,
            PeakWorkingContext = tokens,
            Advantage = solved ? 0.5773502 : -1.1547005,
            Masked = number % 5 == 4,
            Segments = [.. Enumerable.Range(0, segments).Select(_ => Segment(stream, tokens))],
            Turns = [.. Enumerable.Range(0, turns).Select(t => Turn(stream, t, turns, segments))],
        };
    }

    /// <summary>The episode, with a memory: <paramref name="number"/> mod 4 writes and mod 5 reads, the first write overwritten.</summary>
    public static Episode WithMemory(this Episode episode, int number) => episode with
    {
        MemoryEvents =
        [
            new MemoryEvent(MemoryEventKind.Loaded, -1, "old", null, 4),
            .. Enumerable.Range(0, number % 4).Select(i => new MemoryEvent(i == 1 ? MemoryEventKind.Overwrite : MemoryEventKind.Write, 1, $"b{i / 2}", $"text {i}", 2)),
            .. Enumerable.Range(0, number % 5).Select(_ => new MemoryEvent(MemoryEventKind.Read, 1, "b0", null, 2)),
            new MemoryEvent(MemoryEventKind.Miss, 1, "none"),
            new MemoryEvent(MemoryEventKind.Rejected, 1, "b9"),
        ],
        Penalties = new Penalties(0.125, 0, 0.5),
        Return = episode.Reward - 0.625,
    };

    private static Segment Segment(SplitMix stream, int tokens)
    {
        var builder = new SegmentBuilder();
        builder.Append(TokenKind.System, Ids(stream, 20));
        builder.Append(TokenKind.Task, Ids(stream, 10));
        while (builder.Length < tokens)
        {
            var n = Math.Min(10, tokens - builder.Length);
            if (builder.Length / 10 % 2 == 0) builder.AppendSampled(TokenKind.Action, Ids(stream, n), [.. Enumerable.Range(0, n).Select(_ => -(float)stream.NextDouble())], 12);
            else builder.Append(TokenKind.Observation, Ids(stream, n));
        }
        return builder.Build();
    }

    private static Turn Turn(SplitMix stream, int index, int turns, int segments) => new()
    {
        Index = index,
        Segment = index * segments / turns,
        Kind = index % 5 == 4 ? TurnKind.Summary : TurnKind.Action,
        Start = 30 + index % 5 * 20,
        SampledTokens = 10,
        ContextTokens = 30 + index % 5 * 20,
        Finish = AgentRL.Rollouts.FinishReason.Stop,
        Text = index % 5 == 4 ? $"<summary>best so far {stream.Next(1000)} at {stream.Next(12)}</summary>" : $"<tool_call>{{\"name\":\"get\",\"arguments\":{{\"i\":{stream.Next(12)}}}}}</tool_call>",
        ToolName = index % 5 == 4 ? null : "get",
        ToolArguments = index % 5 == 4 ? null : $"{{\"i\":{stream.Next(12)}}}",
        Observation = index % 5 == 4 ? null : $"v={stream.Next(1000)}",
        Summary = index % 5 == 4 ? $"best so far {stream.Next(1000)}" : null,
        GenerationMilliseconds = stream.NextDouble() * 20,
        ToolMilliseconds = stream.NextDouble(),
    };

    private static int[] Ids(SplitMix stream, int count) => [.. Enumerable.Range(0, count).Select(_ => stream.Next(512))];

    /// <summary>A small generator of our own: the samples must not change when the library's random streams do.</summary>
    private sealed class SplitMix(ulong state)
    {
        public double NextDouble() => (Next64() >> 11) * (1.0 / (1UL << 53));

        public int Next(int bound) => (int)(Next64() % (ulong)bound);

        private ulong Next64()
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
