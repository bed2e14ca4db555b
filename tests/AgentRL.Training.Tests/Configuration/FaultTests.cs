using AgentRL.Fakes;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Tests.Configuration;

public sealed class FaultTests : LoaderFixture
{
    [Theory]
    // Keys
    [InlineData("training:\n  group_sise: 4", "run.yaml:3: training.group_sise: unknown key; expected one of steps, tasks_per_step, group_size, ", "; did you mean group_size?")]
    [InlineData("max_rounds: 3", "run.yaml:2: max_rounds: unknown key; expected one of seed, model, ", "; did you mean context.max_rounds?")]
    [InlineData("training:\n  xyzzy: 4", "run.yaml:3: training.xyzzy: unknown key; expected one of ", ", threads")]
    [InlineData("seed: 1\nseed: 2", "run.yaml:3: seed: is given twice; expected each key once in its section", "")]
    // Types
    [InlineData("training:\n  steps: many", "run.yaml:3: training.steps: is 'many'; expected a whole number, 0..10000000", "")]
    [InlineData("training:\n  steps: \"7\"", "run.yaml:3: training.steps: is the text \"7\"; expected a whole number, 0..10000000", "")]
    [InlineData("training:\n  steps: 1.5", "run.yaml:3: training.steps: is '1.5'; expected a whole number, 0..10000000", "")]
    [InlineData("training:\n  steps: [1]", "run.yaml:3: training.steps: is a list; expected a whole number, 0..10000000", "")]
    [InlineData("training:\n  steps:", "run.yaml:3: training.steps: is nothing; expected a whole number, 0..10000000", "")]
    [InlineData("training:\n  steps: 99999999999", "run.yaml:3: training.steps: is '99999999999'; expected a whole number, 0..10000000", "")]
    [InlineData("training: 7", "run.yaml:2: training: is '7'; expected a section of settings", "")]
    [InlineData("logging: {archive: perhaps}", "run.yaml:2: logging.archive: is 'perhaps'; expected true or false", "")]
    [InlineData("training: {learning_rate: .nan}", "run.yaml:2: training.learning_rate: is '.nan'; expected a number, more than 0, at most 1", "")]
    [InlineData("evaluation: {rounds: 3}", "run.yaml:2: evaluation.rounds: is '3'; expected a list", "")]
    [InlineData("model: {path: [a]}", "run.yaml:2: model.path: is a list; expected a text", "")]
    [InlineData("context: {summarize_instruction: null}", "run.yaml:2: context.summarize_instruction: is nothing; expected a text", "")]
    // Ranges
    [InlineData("training: {learning_rate: -1e-3}", "run.yaml:2: training.learning_rate: is -0.001; expected more than 0, at most 1", "")]
    [InlineData("warm_start: {demonstrations: {habit_share: 1.25}}", "run.yaml:2: warm_start.demonstrations.habit_share: is 1.25; expected 0..1", "")]
    [InlineData("training: {group_size: 1}", "run.yaml:2: training.group_size: is 1: a group of one has no signal, its advantage is always 0; expected 2..10000", "")]
    [InlineData("rollout: {temperature: 0}", "run.yaml:2: rollout.temperature: is 0: greedy episodes of a group are all alike, and give no signal; expected more than 0, at most 100", "")]
    [InlineData("evaluation: {rounds: [0, -1]}", "run.yaml:2: evaluation.rounds[1]: is -1; expected 0..100000", "")]
    // Names
    [InlineData("context:\n  strategy: sumary", "run.yaml:3: context.strategy: is 'sumary'; expected one of summary, full, truncate, oracle_summary, blank_summary", "; did you mean summary?")]
    [InlineData("evaluation: {splits: [eval, lang]}", "run.yaml:2: evaluation.splits[1]: is 'lang'; expected one of train, eval, long", "; did you mean long?")]
    [InlineData("algorithm: {advantage: 1}", "run.yaml:2: algorithm.advantage: is '1'; expected one of group_episode, group_episode_no_std, leave_one_out, group_segment", "")]
    // Settings against each other
    [InlineData("context:\n  working_context: 1024", "run.yaml:3: context.max_summary_tokens: a summary of 512 tokens, a turn of 512 and an observation of 512 never fit below L = 0.95 × 1024 = 973; expected max_summary_tokens + max_turn_tokens + max_observation_tokens < L", "")]
    [InlineData("context: {strategy: full, working_context: 1024}", "run.yaml:2: context.max_turn_tokens: a turn of 512 tokens and an observation of 512 never fit below L = 0.95 × 1024 = 973; expected max_turn_tokens + max_observation_tokens < L", "")]
    [InlineData("context: {strategy: indexed, working_context: 1024}", "run.yaml:2: context.max_summary_tokens: a summary of 512 tokens, a turn of 512 and an observation of 512 never fit below L = 0.95 × 1024 = 973; expected max_summary_tokens + max_turn_tokens + max_observation_tokens < L", "")]
    [InlineData("context: {strategy: retrieval, working_context: 1024}", "run.yaml:2: context.max_turn_tokens: a turn of 512 tokens and an observation of 512 never fit below L = 0.95 × 1024 = 973; expected max_turn_tokens + max_observation_tokens < L", "")]
    [InlineData("context:\n  memory: {context_threshold: 4097}", "run.yaml:3: context.memory.context_threshold: is 4097, above context.working_context = 4096: no context would ever reach it; expected at most the working context, or 0 for half of it", "")]
    [InlineData("context:\n  strategy: indexed\n  memory: {max_block_tokens: 767, max_resident_blocks: 2}", "run.yaml:4: context.memory.max_block_tokens: two turns of 512 tokens and an observation of 512 never fit into max_resident_blocks × max_block_tokens = 2 × 767 = 1534; expected 2 × ", "")]
    [InlineData("context:\n  memory:\n    scope: user", "run.yaml:4: context.memory.store_path: is missing, but context.memory.scope = user keeps blocks between episodes; expected a file, or scope: episode", "")]
    [InlineData("context:\n  memory:\n    scope: task\n    store_path: ' '", "run.yaml:5: context.memory.store_path: is missing, but context.memory.scope = task", "")]
    [InlineData("context:\n  memory:\n    store_path: blocks.db", "run.yaml:4: context.memory.store_path: has no meaning where context.memory.scope = episode: blocks end with their episode; expected scope task, user or policy, or no store_path", "")]
    [InlineData("context: {strategy: indexed, memory: {trigger: forced}, summarize_instruction: ' '}", "run.yaml:2: context.summarize_instruction: is empty; expected a sentence that asks for the summary", "")]
    [InlineData("algorithm: {penalties: {format: -1}}", "run.yaml:2: algorithm.penalties.format: is -1; expected 0..100", "")]
    [InlineData("algorithm: {penalties: {format: none}}", "run.yaml:2: algorithm.penalties.format: is 'none'; expected a number, 0..100", "")]
    [InlineData("context: {summarize_instruction: ' '}", "run.yaml:2: context.summarize_instruction: is empty; expected a sentence that asks for the summary", "")]
    [InlineData("model: {kv_heads: 3}", "run.yaml:2: model.heads: is 4, which kv_heads = 3 does not divide; expected a multiple of kv_heads", "")]
    [InlineData("model: {device: cuda}\ntraining: {engine: cpu}", "run.yaml:3: training.engine: is cpu, and the model is not on the CPU; expected auto or torch", "")]
    [InlineData("rollout: {engine: torch, cache: fixed16}", "run.yaml:2: rollout.cache: is fixed16, which the CPU engine alone knows; expected float32, or rollout.engine = cpu", "")]
    [InlineData("rollout: {cache: int8}", "run.yaml:2: rollout.cache: ", "expected one of float32, fixed16")]
    [InlineData("rollout: {engine: torch, weights: bfloat16}", "run.yaml:2: rollout.weights: is bfloat16, which the CPU engine alone knows; expected float32, or rollout.engine = cpu", "")]
    [InlineData("model: {head_size: 33}", "run.yaml:2: model.head_size: is 33; expected an even number: ", "")]
    [InlineData("model: {max_context: 64}", "run.yaml:2: model.max_context: is 64, less than context.working_context = 4096; expected at least the working context, or 0 to derive it", "")]
    [InlineData("algorithm: {updates_per_step: 17}", "run.yaml:2: algorithm.updates_per_step: is 17, more than training.tasks_per_step = 16: some updates would have no group; expected at most tasks_per_step", "")]
    [InlineData("rollout: {top_p: 0.9}", "run.yaml:2: rollout.top_p: is 0.9: the trainer's log-probabilities would not be those of the distribution sampled from; expected 1", "")]
    [InlineData("rollout: {top_k: 40}", "run.yaml:2: rollout.top_k: is 40: the trainer's log-probabilities would not be those of the distribution sampled from; expected 0", "")]
    [InlineData("evaluation: {rounds: [0, 4, 2]}", "run.yaml:2: evaluation.rounds[2]: is 2 after 4; expected ascending numbers, each once", "")]
    [InlineData("model: {path: nowhere}", "run.yaml:2: model.path: there is no folder 'nowhere'; expected a folder with config.json", "")]
    [InlineData("tokenizer: {path: nowhere.json}", "run.yaml:2: tokenizer.path: there is no file or folder 'nowhere.json'; expected ", "")]
    public void Says_line_key_what_was_expected_and_the_nearest_name(string yaml, string begins, string ends)
    {
        var fault = Fault(Task + yaml);
        Assert.StartsWith(begins, fault, StringComparison.Ordinal);
        Assert.EndsWith(ends, fault, StringComparison.Ordinal);
        if (!ends.StartsWith("; did", StringComparison.Ordinal)) Assert.DoesNotContain("did you mean", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("context: {strategy: indexed, summarize_instruction: ' '}")] // nobody asks: the trigger is soft
    [InlineData("context: {memory: {context_threshold: 4096}}")]
    [InlineData("context: {strategy: indexed, memory: {max_block_tokens: 768, max_resident_blocks: 2}}")]
    [InlineData("context: {memory: {max_block_tokens: 7, max_resident_blocks: 2}}")] // of no effect under summaries
    [InlineData("context: {memory: {scope: policy, store_path: blocks.db}}")]
    public void What_is_just_right_is_no_fault(string yaml) => Assert.NotNull(Load(Task + yaml));

    [Theory]
    [InlineData("seed: 1", "run.yaml:1: environment.tasks: is empty: there is nothing to train on; expected at least one environment")]
    [InlineData("", "run.yaml:1: environment.tasks: is empty: there is nothing to train on; expected at least one environment")]
    [InlineData("seed: 1\nenvironment:\n  tasks: []", "run.yaml:3: environment.tasks: is empty: there is nothing to train on; expected at least one environment")]
    [InlineData("environment:\n  tasks:\n    - name: fake/smu", "run.yaml:3: environment.tasks[0].name: no environment is named 'fake/smu'; expected one of fake/forgetful_sum, fake/sum; did you mean fake/sum?")]
    [InlineData("environment:\n  tasks:\n    - name: sum", "run.yaml:3: environment.tasks[0].name: no environment is named 'sum'; expected one of fake/forgetful_sum, fake/sum; did you mean fake/sum?")]
    [InlineData("environment:\n  tasks:\n    - weight: 2", "run.yaml:3: environment.tasks[0].name: is missing; expected one of fake/forgetful_sum, fake/sum")]
    [InlineData("environment:\n  tasks:\n    - fake/sum", "run.yaml:3: environment.tasks[0]: is 'fake/sum'; expected a section of settings")]
    [InlineData("environment:\n  tasks:\n    - name: fake/sum\n      settings: {max_lenght: 3}", "run.yaml:4: environment.tasks[0].settings.max_lenght: unknown setting of fake/sum; expected one of min_length, max_length, largest; did you mean max_length?")]
    [InlineData("environment:\n  tasks:\n    - name: fake/sum\n      settings: {max_length: 51}", "run.yaml:4: environment.tasks[0].settings.max_length: is 51; expected 1..50")]
    [InlineData("environment:\n  tasks:\n    - name: fake/sum\n      settings: {max_length: long}", "run.yaml:4: environment.tasks[0].settings.max_length: is 'long'; expected a whole number")]
    [InlineData("environment:\n  tasks:\n    - name: fake/sum\n      settings: {min_length: 6}", "run.yaml:4: environment.tasks[0].settings.min_length: is 6, above max_length = 5; expected at most max_length")]
    [InlineData("environment:\n  tasks:\n    - name: fake/sum\n      settings: {largest: 13}", "run.yaml:4: environment.tasks[0].settings: fake/sum refuses them: largest must not be 13")]
    [InlineData("environment: {tasks: [{name: fake/forgetful_sum}]}\ncontext: {discard_crossing_turn: restore}", "run.yaml:2: context.discard_crossing_turn: is restore, but fake/forgetful_sum cannot be put back to an earlier state; expected keep_effects or keep_turn")]
    public void Checks_tasks_against_the_environments_known(string yaml, string expected) => Assert.Equal(expected, Fault(yaml));

    [Theory]
    [InlineData("seed: [1\n", "run.yaml:2: this is no YAML: ")]
    [InlineData("seed: 1\n\tmodel: 2", "run.yaml:1: this is no YAML: ")]
    [InlineData("seed: 1\n---\nseed: 2", "run.yaml:2: this is no YAML: a second document begins here")]
    [InlineData("seed: *nothing", "run.yaml:1: this is no YAML: no anchor 'nothing' comes before")]
    [InlineData("{a: 1}: 2", "run.yaml:1: this is no YAML: a key must be a name")]
    [InlineData("- seed", "run.yaml:1: the file is a list; expected sections of settings")]
    [InlineData("just words", "run.yaml:1: the file is 'just words'; expected sections of settings")]
    public void Says_where_a_file_stops_being_YAML(string yaml, string begins) => Assert.StartsWith(begins, Fault(yaml), StringComparison.Ordinal);

    [Fact]
    public void Refuses_bottomless_nesting() => Assert.Contains("nested deeper", Fault("seed: " + new string('[', 100_000)), StringComparison.Ordinal);

    [Fact]
    public void Names_a_missing_file()
    {
        var thrown = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Load("no/such.yaml", [], SumDefinition.Catalog));
        Assert.Equal("no/such.yaml: there is no such file; expected a YAML file", thrown.Message);
    }

    [Fact]
    public void Names_a_folder_given_as_file()
    {
        var thrown = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Load(FolderPath, [], SumDefinition.Catalog));
        Assert.Contains("cannot be read", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_sizes_beside_a_model_folder_are_each_a_fault()
    {
        var faults = Faults($"{Task}model:\n  path: {FolderPath}\n  layers: 3\n  qk_norm: true");
        Assert.Equal(
            [
                "run.yaml:4: model.layers: has no meaning beside model.path, which says it already; expected either model.path or this",
                "run.yaml:5: model.qk_norm: has no meaning beside model.path, which says it already; expected either model.path or this",
            ],
            faults);
    }

    [Fact]
    public void All_faults_of_a_file_come_at_once_in_the_order_of_its_lines()
    {
        var faults = Faults(
            """
            seed: one
            context: {working_context: 1024}
            evaluation:
              rounds: [2, 1]
              every: -1
            environment:
              tasks:
                - name: fake/nothing
                - name: fake/sum
                  settings: {largest: 100, smallest: 1}
            trainning: {steps: 1}
            algorithm: {loss_aggregation: tokens}
            """,
            "rollout.top_p=2");
        string[] expected =
        [
            "run.yaml:1: seed:", "run.yaml:2: context.max_summary_tokens:", "run.yaml:4: evaluation.rounds[1]:", "run.yaml:5: evaluation.every:",
            "run.yaml:8: environment.tasks[0].name:", "run.yaml:10: environment.tasks[1].settings.largest:",
            "run.yaml:10: environment.tasks[1].settings.smallest:", "run.yaml:11: trainning:", "run.yaml:12: algorithm.loss_aggregation:", "--set:1: rollout.top_p:",
        ];
        Assert.Equal(expected.Length, faults.Length);
        Assert.All(expected.Zip(faults), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void A_setting_at_fault_by_itself_brings_no_second_fault_across_settings() =>
        Assert.StartsWith("run.yaml:2: context.max_turn_tokens: is 1;", Fault(Task + "context: {max_turn_tokens: 1, working_context: 16}"), StringComparison.Ordinal);
}
