using AgentRL.Environments;
using AgentRL.Envs.Functions;
using AgentRL.Envs.Household;
using AgentRL.Fakes;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Tests.Support;

/// <summary>Runs of a policy of a few thousand parameters, over in a second or two.</summary>
internal sealed class TinyRun : IDisposable
{
    /// <summary>The least that has every stage. The untrained policy writes garbage: that costs it turns and rounds, not the episode.</summary>
    public const string Yaml = """
        seed: 3
        model: {hidden_size: 16, layers: 1, heads: 2, kv_heads: 1, head_size: 8, intermediate_size: 32}
        tokenizer: {vocabulary: 512, training_episodes: 4}
        environment:
          tasks:
            - name: functions/scan_max
              settings: {min_length: 4, max_length: 5, long_min_length: 8, long_max_length: 9}
        context: {working_context: 88, max_rounds: 1, max_turns: 6, max_turn_tokens: 16, max_summary_tokens: 16, max_observation_tokens: 24, summarize_instruction: summarize, turn_limit: observe}
        warm_start: {steps: 2, episodes_per_step: 4, warmup_steps: 0, learning_rate: 0.01}
        training: {steps: 2, tasks_per_step: 2, group_size: 2, learning_rate: 0.001, warmup_steps: 0, threads: 1}
        rollout: {workers: 1}
        evaluation: {every: 1, episodes: 2, final_episodes: 4, rounds: [0, 1], splits: [eval, long]}
        checkpoint: {every: 1}

        """;

    /// <summary>As <see cref="Yaml"/>, but a policy that plays: groups have signal, and contexts fill up.</summary>
    public const string Luck = """
        seed: 3
        model: {hidden_size: 16, layers: 1, heads: 2, kv_heads: 1, head_size: 8, intermediate_size: 32}
        tokenizer: {vocabulary: 512, training_episodes: 20}
        environment: {tasks: [{name: fake/luck}]}
        context: {working_context: 52, max_rounds: 2, max_turns: 12, max_turn_tokens: 12, max_summary_tokens: 8, max_observation_tokens: 8, summarize_instruction: summarize}
        warm_start: {steps: 40, episodes_per_step: 6, warmup_steps: 3, learning_rate: 0.03, demonstrations: {habit_share: 0}}
        training: {steps: 1, tasks_per_step: 4, group_size: 4, learning_rate: 0.001, warmup_steps: 0, threads: 1}
        rollout: {workers: 1}
        evaluation: {every: 0, episodes: 2, final_episodes: 4, rounds: [0, 2], splits: [eval]}
        checkpoint: {every: 0}

        """;

    /// <summary>A policy that archives a list and reads it back.</summary>
    public const string Notes = """
        seed: 3
        model: {hidden_size: 16, layers: 1, heads: 2, kv_heads: 1, head_size: 8, intermediate_size: 32}
        tokenizer: {vocabulary: 512, training_episodes: 20}
        environment: {tasks: [{name: fake/notes}]}
        context:
          {strategy: indexed, working_context: 110, max_rounds: 2, max_turns: 8, max_turn_tokens: 40, max_summary_tokens: 8, max_observation_tokens: 12,
          turn_limit: observe, list_tools: false, summarize_instruction: summarize, memory: {context_threshold: 24, warn_at: 0.5, status: compact}}
        warm_start: {steps: 40, episodes_per_step: 4, warmup_steps: 3, learning_rate: 0.03, demonstrations: {habit_share: 0}}
        training: {steps: 3, tasks_per_step: 3, group_size: 2, learning_rate: 0.001, warmup_steps: 0, threads: 1}
        rollout: {workers: 1}
        evaluation: {every: 1, episodes: 2, final_episodes: 2, rounds: [2], splits: [eval]}
        checkpoint: {every: 1}

        """;

    /// <summary>A small room, and a policy that knows the words of the game: it compresses, reads in vain, and is refused.</summary>
    public const string Household = """
        seed: 3
        model: {hidden_size: 32, layers: 1, heads: 2, kv_heads: 1, head_size: 16, intermediate_size: 64}
        tokenizer: {vocabulary: 512, training_episodes: 20}
        environment: {rendering: compact, tasks: [{name: household/put, settings: {receptacles: 4, distractors: 0, opaque_ids: 0}}]}
        context:
          {strategy: indexed, working_context: 230, max_rounds: 2, max_turns: 10, max_turn_tokens: 40, max_summary_tokens: 12, max_observation_tokens: 32,
          turn_limit: observe, list_tools: false, summarize_instruction: summarize, memory: {context_threshold: 90, warn_at: 0.7, status: compact}}
        warm_start: {steps: 80, episodes_per_step: 4, warmup_steps: 3, optimizer: muon, learning_rate: 0.01, demonstrations: {habit_share: 0}}
        training: {steps: 2, tasks_per_step: 2, group_size: 2, learning_rate: 0.001, warmup_steps: 0, threads: 1}
        algorithm: {overlong: none}
        rollout: {workers: 1}
        evaluation: {every: 1, episodes: 1, final_episodes: 2, rounds: [2], splits: [eval]}
        checkpoint: {every: 1}

        """;

    private readonly TemporaryFolder folder = new();
    private int runs;

    public static EnvironmentCatalog Catalog { get; } = new([.. FunctionEnvironments.All, .. HouseholdEnvironments.All, new LuckDefinition(), new NotesDefinition(), new LuckDefinition("fake/broken", breaks: true)]);

    public string FolderPath => folder.Path;

    public RunConfiguration Configure(params IEnumerable<string> overrides) => Load(Yaml, [.. overrides]);

    public RunConfiguration ConfigureLuck(params IEnumerable<string> overrides) => Load(Luck, [.. overrides]);

    public RunConfiguration ConfigureNotes(params IEnumerable<string> overrides) => Load(Notes, [.. overrides]);

    public RunConfiguration ConfigureHousehold(params IEnumerable<string> overrides) => Load(Household, [.. overrides]);

    /// <summary>A folder that does not exist yet.</summary>
    public string NewFolder() => Path.Combine(folder.Path, $"run-{++runs}");

    /// <summary>A run to its end.</summary>
    public RunDirectory Finish(RunConfiguration configuration, TimeProvider? time = null)
    {
        var run = NewFolder();
        using (var training = TrainingRun.Create(configuration, run, Catalog, SilentReporter.Instance, time ?? new FrozenTime())) training.Execute(CancellationToken.None);
        return RunDirectory.Open(run);
    }

    /// <summary>A run that is interrupted; the caller checks that it really was.</summary>
    public RunDirectory Interrupt(RunConfiguration configuration, string stage, int step)
    {
        var run = NewFolder();
        using var reporter = new InterruptingReporter(stage, step);
        using (var training = TrainingRun.Create(configuration, run, Catalog, reporter, new FrozenTime()))
            Assert.ThrowsAny<OperationCanceledException>(() => training.Execute(reporter.Token));
        return RunDirectory.Open(run);
    }

    /// <summary>A run whose process dies at that point.</summary>
    public RunDirectory Crash(RunConfiguration configuration, string stage, int step)
    {
        var run = NewFolder();
        using var reporter = new InterruptingReporter(stage, step, crash: true);
        using (var training = TrainingRun.Create(configuration, run, Catalog, reporter, new FrozenTime()))
            Assert.Throws<CrashException>(() => training.Execute(CancellationToken.None));
        return RunDirectory.Open(run);
    }

    /// <summary>Goes on with a run to its end.</summary>
    public static void Resume(RunConfiguration configuration, RunDirectory run)
    {
        using var training = TrainingRun.Resume(configuration, run.Root, Catalog, SilentReporter.Instance, new FrozenTime());
        training.Execute(CancellationToken.None);
    }

    private RunConfiguration Load(string yaml, IReadOnlyList<string> overrides)
    {
        // A folder to start from says the model's shape itself.
        if (overrides.Any(o => o.StartsWith("model.path=", StringComparison.Ordinal))) yaml = string.Concat(yaml.Split('\n').Where(l => !l.StartsWith("model:", StringComparison.Ordinal)).Select(l => l + "\n"));
        return ConfigurationLoader.Load(folder.Write("tiny.yaml", yaml), overrides, Catalog);
    }

    public void Dispose() => folder.Dispose();
}
