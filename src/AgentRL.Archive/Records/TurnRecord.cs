using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;

namespace AgentRL.Archive.Records;

/// <summary>A turn without its wall-clock times, which stand at the end of the episode's record.</summary>
internal static class TurnRecord
{
    /// <summary>Least bytes a turn takes: eight numbers, an empty text, the end of the optional fields.</summary>
    public const int LeastBytes = 10;

    private const int ToolName = 1, ToolArguments = 2, Observation = 3, ObservationCut = 4, Summary = 5, SummaryFellBack = 6, Discarded = 7, ChangedState = 8, ContextAfter = 9,
        DiscardedEntropies = 10, Oracle = 11;

    public static void Write(RecordWriter to, Turn turn)
    {
        to.Int(turn.Index);
        to.Int(turn.Segment);
        to.Byte((byte)turn.Kind);
        to.Int(turn.Start);
        to.Int(turn.SampledTokens);
        to.Int(turn.ContextTokens);
        to.Byte((byte)turn.Finish);
        to.Byte((byte)turn.CallStatus);
        to.String(turn.Text);
        var optional = new OptionalFieldWriter(to);
        optional.Add(ToolName, turn.ToolName);
        optional.Add(ToolArguments, turn.ToolArguments);
        optional.Add(Observation, turn.Observation);
        optional.Add(ObservationCut, turn.ObservationCut);
        optional.Add(Summary, turn.Summary);
        optional.Add(SummaryFellBack, turn.SummaryFellBack);
        optional.Add(Discarded, turn.Discarded is not null, w => SegmentRecord.Write(w, turn.Discarded!));
        optional.Add(ChangedState, turn.ChangedState);
        optional.Add(ContextAfter, turn.ContextAfter != 0, w => w.Int(turn.ContextAfter));
        optional.Add(DiscardedEntropies, turn.Discarded is { Entropies.Length: > 0 }, w => SegmentRecord.WriteEntropies(w, turn.Discarded!));
        optional.Add(Oracle, turn.Oracle);
        optional.End();
    }

    public static Turn Read(ref RecordReader from)
    {
        var turn = new Turn
        {
            Index = from.Int(),
            Segment = from.Int(),
            Kind = (TurnKind)from.Byte(),
            Start = from.Int(),
            SampledTokens = from.Int(),
            ContextTokens = from.Int(),
            Finish = (FinishReason)from.Byte(),
            CallStatus = (CallStatus)from.Byte(),
            Text = from.String(),
        };
        var tag = 0;
        while (OptionalFields.Next(ref from, ref tag, out var field))
        {
            turn = tag switch
            {
                ToolName => turn with { ToolName = field.String() },
                ToolArguments => turn with { ToolArguments = field.String() },
                Observation => turn with { Observation = field.String() },
                ObservationCut => turn with { ObservationCut = true },
                Summary => turn with { Summary = field.String() },
                SummaryFellBack => turn with { SummaryFellBack = true },
                Discarded => turn with { Discarded = SegmentRecord.Read(ref field) },
                ChangedState => turn with { ChangedState = true },
                ContextAfter => turn with { ContextAfter = field.Int() },
                DiscardedEntropies => turn with { Discarded = SegmentRecord.ReadEntropies(ref field, turn.Discarded ?? throw field.Fault("entropies of no tokens")) },
                Oracle => turn with { Oracle = field.String() },
                _ => turn,
            };
        }
        return turn;
    }
}
