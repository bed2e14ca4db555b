using AgentRL.Contexts;
using AgentRL.Memory;

namespace AgentRL.Training.Configuration;

/// <summary>Checks the settings of the memory against each other. Those that the strategy makes no use of are no fault: strategies are compared by changing that one setting.</summary>
internal static class MemoryChecks
{
    public static void Check(ContextOptions context, FaultList faults)
    {
        CheckThreshold(context, faults);
        CheckBound(context, faults);
        CheckStore(context.Memory, faults);
    }

    private static void CheckThreshold(ContextOptions context, FaultList faults)
    {
        if (context.Memory.ContextThreshold <= context.WorkingContext) return;
        faults.AddAcross(
            ["context.memory.context_threshold", "context.working_context"],
            $"is {context.Memory.ContextThreshold}, above context.working_context = {context.WorkingContext}: no context would ever reach it",
            "at most the working context, or 0 for half of it");
    }

    /// <summary>
    /// Where both caps are on, the context never exceeds prompt + |summary| + B·L: right after a summary, a turn with its observation and the turn after
    /// that must fit into B·L. What templates add around texts comes on top of this, and is checked once a tokenizer is there.
    /// </summary>
    private static void CheckBound(ContextOptions context, FaultList faults)
    {
        var (memory, strategy) = (context.Memory, context.Strategy);
        if (strategy != ContextStrategyKind.Indexed || memory.MaxBlockTokens == 0 || memory.MaxResidentBlocks == 0) return;
        var room = (long)memory.MaxResidentBlocks * memory.MaxBlockTokens;
        if (context.MaxObservationTokens + (2L * context.MaxTurnTokens) <= room) return;
        faults.AddAcross(
            ["context.memory.max_block_tokens", "context.memory.max_resident_blocks", "context.max_turn_tokens", "context.max_observation_tokens", "context.strategy"],
            $"two turns of {context.MaxTurnTokens} tokens and an observation of {context.MaxObservationTokens} never fit into "
            + $"max_resident_blocks × max_block_tokens = {memory.MaxResidentBlocks} × {memory.MaxBlockTokens} = {room}",
            "2 × max_turn_tokens + max_observation_tokens ≤ max_resident_blocks × max_block_tokens, or no cap (0)");
    }

    private static void CheckStore(MemoryOptions memory, FaultList faults)
    {
        string[] keys = ["context.memory.store_path", "context.memory.scope"];
        var outlives = memory.Scope != ScopeKind.Episode;
        if (outlives && string.IsNullOrWhiteSpace(memory.StorePath))
            faults.AddAcross(keys, $"is missing, but context.memory.scope = {SettingSchema.SnakeCase(memory.Scope.ToString())} keeps blocks between episodes", "a file, or scope: episode");
        else if (!outlives && memory.StorePath is not null)
            faults.AddAcross(keys, "has no meaning where context.memory.scope = episode: blocks end with their episode", "scope task, user or policy, or no store_path");
    }
}
