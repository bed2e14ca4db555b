using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tools;

namespace AgentRL.Rewards;

/// <summary>
/// The penalties of Memex (arXiv 2603.04257, section 3.3), from an episode's turns alone:
/// P_c = min(1, Σ_t max(0, C_t − τ) / (τ·T)), over the T turns that are not successful compressions; P_r = redundant / tool calls, a call being redundant when
/// an earlier one had the same name and arguments and no call between changed the state, memory tools in neither count; P_f = malformed turns / turns that attempted a call.
/// </summary>
public static class PenaltyCalculator
{
    /// <summary>Computes all three.</summary>
    /// <param name="turns">The episode's turns, discarded ones included.</param>
    /// <param name="threshold">τ, in tokens.</param>
    /// <param name="uncounted">Tokens of each context that are not held against τ: those of system text and task under <see cref="StatusCounts.Working"/>.</param>
    public static Penalties Of(IReadOnlyList<Turn> turns, int threshold, int uncounted)
    {
        var counted = Counted(turns);
        var over = counted.Sum(t => (double)Math.Max(0, t.ContextAfter - uncounted - threshold));
        var attempts = turns.Count(AttemptedCall);
        return new Penalties(
            counted.Count == 0 ? 0 : Math.Min(1, over / ((double)threshold * counted.Count)),
            Redundancy(turns),
            attempts == 0 ? 0 : (double)turns.Count(t => t.CallStatus == CallStatus.Malformed && AttemptedCall(t)) / attempts);
    }

    /// <summary>The T turns of P_c: those that are not successful compressions.</summary>
    internal static List<Turn> Counted(IReadOnlyList<Turn> turns) => [.. turns.Where(t => t.Summary is null || t.SummaryFellBack)];

    private static bool AttemptedCall(Turn turn) => turn.ToolName is not null || turn.Text.Contains("<tool_call>", StringComparison.Ordinal);

    private static double Redundancy(IReadOnlyList<Turn> turns)
    {
        var (calls, redundant) = (0, 0);
        var sinceChange = new HashSet<(string Tool, string Arguments)>();
        foreach (var turn in turns.Where(t => t.Kind == TurnKind.Action && t.ToolName is not null))
        {
            calls++;
            if (!sinceChange.Add((turn.ToolName!, CanonicalJson.Arguments(turn.ToolArguments ?? "{}")))) redundant++;
            if (turn.ChangedState) sinceChange.Clear();
        }
        return calls == 0 ? 0 : (double)redundant / calls;
    }
}
