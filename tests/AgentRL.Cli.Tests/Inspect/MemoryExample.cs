using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Cli.Tests.Inspect;

/// <summary>An episode that does to its memory what can be done to one.</summary>
internal static class MemoryExample
{
    private const string Note = "code 42\u001B[2J\nred door";

    private static readonly LetterTokenizer Letters = new();

    public static Episode Episode()
    {
        var turns = new List<Turn>();
        var first = Opening();
        Act(first, TurnKind.Action, "open", "look", Note);
        Act(first, TurnKind.MemoryWrite, MemoryTools.Compress, "keep a b", null, turn => turn with { Summary = "a: code" });
        var second = Opening("a: code");
        Act(second, TurnKind.MemoryRead, MemoryTools.Read, "read zz", "no block zz", turn => turn with { CallStatus = CallStatus.Refused });
        Act(second, TurnKind.MemoryRead, MemoryTools.Read, "read a", Note);
        Act(second, TurnKind.Action, "enter", "enter 42", "ok", turn => turn with { ToolArguments = "{\"code\":42}" });
        var third = Opening("a: code");
        Act(third, TurnKind.MemoryWrite, MemoryTools.Update, "update zz", "no block zz", turn => turn with { CallStatus = CallStatus.Refused });
        Act(third, TurnKind.MemoryWrite, MemoryTools.Update, "update a", "ok");
        Act(third, TurnKind.MemoryRead, MemoryTools.Read, "read old", "long ago");
        Act(third, TurnKind.MemoryWrite, MemoryTools.Delete, "delete old", "ok");
        Act(third, TurnKind.MemoryRead, MemoryTools.Read, "read b", "at most 0 blocks", turn => turn with { CallStatus = CallStatus.Refused });
        return Example.Episode() with
        {
            Key = new EpisodeKey("train", 8, 0, 1),
            Strategy = "indexed",
            Segments = [first.Build(), second.Build(), third.Build()],
            Turns = turns,
            Rounds = 1,
            Penalties = new Penalties(0.125, 0, 0.5),
            Return = -0.125,
            MemoryEvents =
            [
                new(MemoryEventKind.Loaded, -1, "old", "long ago", 8),
                new(MemoryEventKind.Write, 1, "a", Note, Note.Length), new(MemoryEventKind.Write, 1, "b", new string('x', 100), 100), new(MemoryEventKind.Compressed, 1, ""),
                new(MemoryEventKind.Miss, 2, "zz"), new(MemoryEventKind.Read, 3, "a", null, Note.Length), new(MemoryEventKind.Evicted, 4, "a"),
                new(MemoryEventKind.Rejected, 5, "zz"), new(MemoryEventKind.Overwrite, 6, "a", "blue", 4), new(MemoryEventKind.Read, 7, "old", null, 8), new(MemoryEventKind.Delete, 8, "old"),
            ],
        };

        void Act(SegmentBuilder segment, TurnKind kind, string tool, string text, string? observation, Func<Turn, Turn>? change = null)
        {
            var turn = new Turn
            {
                Index = turns.Count,
                Segment = segment == first ? 0 : turns.Count < 5 ? 1 : 2,
                Kind = kind,
                Start = segment.Length,
                SampledTokens = text.Length,
                ContextTokens = segment.Length,
                Finish = FinishReason.Stop,
                Text = text,
                ToolName = tool,
                ToolArguments = "{}",
                Observation = observation,
            };
            turns.Add(change?.Invoke(turn) ?? turn);
            var written = kind == TurnKind.MemoryRead ? TokenKind.MemoryRead : kind == TurnKind.MemoryWrite ? TokenKind.MemoryWrite : TokenKind.Action;
            segment.AppendSampled(written, Letters.Encode(text), new float[text.Length], 3);
            if (observation is null) return;
            segment.Append(kind == TurnKind.MemoryRead ? TokenKind.MemoryContent : TokenKind.Observation, Letters.Encode(observation));
            segment.Append(TokenKind.Status, Letters.Encode($"{segment.Length}/90"));
        }
    }

    private static SegmentBuilder Opening(string? carried = null)
    {
        var segment = new SegmentBuilder();
        segment.Append(TokenKind.System, Letters.Encode("tools: look enter\n"));
        segment.Append(TokenKind.Task, Letters.Encode("open the safe"));
        if (carried is not null) segment.Append(TokenKind.CarriedSummary, Letters.Encode(carried));
        return segment;
    }
}
