using AgentRL.Tools;

namespace AgentRL.Episodes;

/// <summary>What an <see cref="EpisodeMachine"/> asks of whoever drives it.</summary>
public abstract record MachineRequest
{
    private MachineRequest()
    {
    }

    /// <summary>Generate a turn; answer with <see cref="EpisodeMachine.Generated"/>.</summary>
    /// <param name="Context">The whole context, generation prompt included.</param>
    /// <param name="Kind">What the turn is for.</param>
    /// <param name="TurnIndex">Its number: names its random stream.</param>
    /// <param name="MaxNewTokens">Its budget.</param>
    public sealed record Generate(ReadOnlyMemory<int> Context, TurnKind Kind, int TurnIndex, int MaxNewTokens) : MachineRequest;

    /// <summary>Execute a call; answer with <see cref="EpisodeMachine.Observed"/>.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="SnapshotBefore">Whether a snapshot from before the call may be asked back.</param>
    public sealed record CallTool(ToolCall Call, bool SnapshotBefore) : MachineRequest;

    /// <summary>Put the environment back to the snapshot taken before the last call; answer with <see cref="EpisodeMachine.Restored"/>.</summary>
    public sealed record RestoreSnapshot : MachineRequest;

    /// <summary>Say what a perfect summary would hold now; answer with <see cref="EpisodeMachine.OracleRead"/>.</summary>
    /// <param name="IsRequired">Whether the episode goes on from it; otherwise it is noted beside the summary, and may be null.</param>
    public sealed record ReadOracle(bool IsRequired) : MachineRequest;

    /// <summary>Nothing more: <see cref="EpisodeMachine.ToEpisode"/> has the episode.</summary>
    public sealed record Done : MachineRequest;
}
