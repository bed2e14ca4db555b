using AgentRL.Contexts;
using AgentRL.Cpu.Kernels;
using AgentRL.Memory;

namespace AgentRL.Training.Configuration;

/// <summary>Checks settings against each other: each may be in range, and the run still not make sense.</summary>
internal static class ConsistencyChecks
{
    public static void Check(RunConfiguration configuration, FaultList faults)
    {
        CheckModel(configuration, faults);
        CheckBudgets(configuration.Context, faults);
        MemoryChecks.Check(configuration.Context, faults);
        CheckSampling(configuration.Rollout, faults);
        CheckUpdates(configuration, faults);
        CheckRounds(configuration.Evaluation.Rounds, faults);
    }

    private static void CheckModel(RunConfiguration configuration, FaultList faults)
    {
        var model = configuration.Model;
        if (model.Path is null && model.Heads % model.KvHeads != 0)
        {
            faults.AddAcross(["model.heads", "model.kv_heads"], $"is {model.Heads}, which kv_heads = {model.KvHeads} does not divide", "a multiple of kv_heads");
        }
        if (model.Path is null && model.HeadSize % 2 != 0)
        {
            faults.AddAcross(["model.head_size"], $"is {model.HeadSize}", "an even number: rotary embeddings turn pairs");
        }
        if (configuration.Training.Engine == EngineKind.Cpu && model.Device != ModelDevice.Cpu)
        {
            faults.AddAcross(["training.engine", "model.device"], "is cpu, and the model is not on the CPU", "auto or torch");
        }
        var rollout = configuration.Rollout;
        if (rollout.Engine == EngineKind.Torch || (rollout.Engine == EngineKind.Auto && model.Device != ModelDevice.Cpu))
        {
            const string Instead = "float32, or rollout.engine = cpu";
            if (rollout.Weights != WeightStorage.Float32)
                faults.AddAcross(["rollout.weights", "rollout.engine", "model.device"], "is bfloat16, which the CPU engine alone knows", Instead);
            if (rollout.Cache != CacheStorage.Float32)
                faults.AddAcross(["rollout.cache", "rollout.engine", "model.device"], "is fixed16, which the CPU engine alone knows", Instead);
        }
        var context = configuration.Context;
        if (model.MaxContext != 0 && model.MaxContext < context.WorkingContext)
        {
            faults.AddAcross(
                ["model.max_context", "context.working_context"],
                $"is {model.MaxContext}, less than context.working_context = {context.WorkingContext}",
                "at least the working context, or 0 to derive it");
        }
    }

    /// <summary>
    /// Right after a summary a whole turn and its observation must fit below the threshold L; otherwise every turn would cross it and be
    /// discarded, for ever. The task's own prompt comes on top of this, and is checked once a tokenizer is there.
    /// </summary>
    private static void CheckBudgets(ContextOptions context, FaultList faults)
    {
        var summarizes = ContextBudget.CarriesSummaries(context.Strategy);
        if (!ContextBudget.Fits(0, context))
        {
            var (sum, words) = summarizes
                ? ("max_summary_tokens + max_turn_tokens + max_observation_tokens", $"a summary of {context.MaxSummaryTokens} tokens, a turn of {context.MaxTurnTokens}")
                : ("max_turn_tokens + max_observation_tokens", $"a turn of {context.MaxTurnTokens} tokens");
            string[] budgets = ["context.max_turn_tokens", "context.max_observation_tokens", "context.working_context", "context.threshold", "context.strategy"];
            faults.AddAcross(
                summarizes ? ["context.max_summary_tokens", .. budgets] : budgets,
                $"{words} and an observation of {context.MaxObservationTokens} never fit "
                + $"below L = {Scalars.Text(context.Threshold)} × {context.WorkingContext} = {context.CompressionThreshold}",
                $"{sum} < L");
        }
        var asks = summarizes && (context.Strategy != ContextStrategyKind.Indexed || context.Memory.Trigger == CompressionTrigger.Forced);
        if (asks && string.IsNullOrWhiteSpace(context.SummarizeInstruction))
        {
            faults.AddAcross(["context.summarize_instruction"], "is empty", "a sentence that asks for the summary");
        }
    }

    /// <summary>The learner computes log-probabilities of the whole distribution; those of a cut one would be of another policy.</summary>
    private static void CheckSampling(RolloutOptions rollout, FaultList faults)
    {
        const string Why = "the trainer's log-probabilities would not be those of the distribution sampled from";
        if (rollout.TopP < 1) faults.AddAcross(["rollout.top_p"], $"is {Scalars.Text(rollout.TopP)}: {Why}", "1");
        if (rollout.TopK > 0) faults.AddAcross(["rollout.top_k"], $"is {rollout.TopK}: {Why}", "0");
    }

    private static void CheckUpdates(RunConfiguration configuration, FaultList faults)
    {
        var (updates, tasks) = (configuration.Algorithm.UpdatesPerStep, configuration.Training.TasksPerStep);
        if (updates <= tasks) return;
        faults.AddAcross(
            ["algorithm.updates_per_step", "training.tasks_per_step"],
            $"is {updates}, more than training.tasks_per_step = {tasks}: some updates would have no group", "at most tasks_per_step");
    }

    private static void CheckRounds(IReadOnlyList<int> rounds, FaultList faults)
    {
        if (faults.IsFaulty("evaluation.rounds")) return;
        for (var i = 1; i < rounds.Count; i++)
        {
            if (rounds[i] > rounds[i - 1]) continue;
            faults.AddAt($"evaluation.rounds[{i}]", $"is {rounds[i]} after {rounds[i - 1]}", "ascending numbers, each once");
        }
    }
}
