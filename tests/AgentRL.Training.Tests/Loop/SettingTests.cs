using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>Every setting of the algorithm takes a step that changes the weights, with numbers that are numbers.</summary>
public sealed class SettingTests : IClassFixture<SettingTests.WarmPolicy>
{
    private readonly WarmPolicy warm;

    public SettingTests(WarmPolicy warm) => this.warm = warm;

    [Theory]
    [InlineData("algorithm.advantage=group_episode")]
    [InlineData("algorithm.advantage=group_episode_no_std")]
    [InlineData("algorithm.advantage=leave_one_out")]
    [InlineData("algorithm.advantage=group_segment")]
    [InlineData("algorithm.loss_aggregation=token_mean")]
    [InlineData("algorithm.loss_aggregation=episode_mean")]
    [InlineData("algorithm.loss_aggregation=segment_mean")]
    [InlineData("algorithm.policy_loss=ppo_clip")]
    [InlineData("algorithm.policy_loss=gspo")]
    [InlineData("algorithm.policy_loss=cispo")]
    [InlineData("algorithm.overlong=mask")]
    [InlineData("algorithm.overlong=none")]
    [InlineData("algorithm.overlong=drop_from_baseline")]
    [InlineData("algorithm.overlong=penalize")]
    [InlineData("algorithm.summary_loss=false")]
    [InlineData("algorithm.kl_coef=0.1")]
    [InlineData("algorithm.entropy_coef=0.01")]
    [InlineData("algorithm.tis_cap=2")]
    [InlineData("algorithm.updates_per_step=2")]
    [InlineData("algorithm.resample_zero_variance=true")]
    [InlineData("context.strategy=full")]
    [InlineData("context.strategy=truncate")]
    [InlineData("context.strategy=oracle_summary")]
    [InlineData("context.strategy=blank_summary")]
    [InlineData("context.discard_crossing_turn=restore")]
    [InlineData("context.discard_crossing_turn=keep_turn")]
    [InlineData("context.turn_limit=observe")]
    [InlineData("training.micro_batch_tokens=64")]
    [InlineData("training.engine=torch")]
    [InlineData("training.engine=cpu")]
    [InlineData("rollout.temperature=0.7")]
    public void A_step_learns(string setting)
    {
        var run = warm.Tiny.Finish(warm.Tiny.ConfigureLuck([.. warm.Settings, setting]));
        var train = RunContent.Metrics(run).Single(m => (string?)m["phase"] == "train");
        Assert.All(train.Select(p => p.Value), value => Assert.True(value is not null, train.ToJsonString())); // null is what is no finite number
        Assert.True((int)train["updates"]! >= 1 && (int)train["updates_skipped"]! == 0, train.ToJsonString());
        Assert.True((double)train["gradient_norm"]! > 0, train.ToJsonString());
        Assert.InRange((double)train["mismatch_logprob_max"]!, 0, 1e-4);
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(warm.Folder, "model.safetensors")), File.ReadAllBytes(Path.Combine(run.Policy, "model.safetensors")));
    }

    [Fact]
    public void Two_updates_a_step_are_two_steps_of_the_optimizer()
    {
        var run = warm.Tiny.Finish(warm.Tiny.ConfigureLuck([.. warm.Settings, "algorithm.updates_per_step=2"]));
        Assert.Equal(2, (int)RunContent.Metrics(run).Single(m => (string?)m["phase"] == "train")["updates"]!);
        Assert.Equal(2, Checkpoint.Newest(run)!.Progress.PolicyVersion);
    }

    [Fact]
    public void A_step_without_signal_leaves_the_weights_alone_and_reports_no_numbers_of_an_update()
    {
        var run = warm.Tiny.Finish(warm.Tiny.ConfigureLuck([.. warm.Settings, "rollout.temperature=0.01"])); // all but greedy: a group's episodes are alike
        var train = RunContent.Metrics(run).Single(m => (string?)m["phase"] == "train");
        Assert.Equal((4, 0), ((int)train["zero_variance_groups"]!, (int)train["updates"]!));
        Assert.All(["entropy", "loss", "ratio_mean", "approx_kl_k3", "mismatch_logprob_max"], name => Assert.False(train.ContainsKey(name), name));
        Assert.Equal(File.ReadAllBytes(Path.Combine(warm.Folder, "model.safetensors")), File.ReadAllBytes(Path.Combine(run.Policy, "model.safetensors")));
    }

    [Fact]
    public void Zero_variance_groups_are_replaced_by_further_tasks_when_asked_for()
    {
        var run = warm.Tiny.Finish(warm.Tiny.ConfigureLuck([.. warm.Settings, "algorithm.resample_zero_variance=true", "algorithm.max_resample_rounds=2", "training.group_size=2", "rollout.temperature=0.05"]));
        var train = RunContent.Metrics(run).Single(m => (string?)m["phase"] == "train");
        Assert.InRange((int)train["tasks_drawn"]!, 5, 12); // 4 tasks, all alike when sampling is all but greedy, and two more rounds at most
        Assert.Equal((int)train["tasks_drawn"]!, Checkpoint.Newest(run)!.Progress.TasksDrawn);
        Assert.Equal(8, (int)train["episodes"]!);
    }

    [Fact]
    public void A_run_whose_environments_all_fail_ends_and_says_so()
    {
        var run = warm.Tiny.Finish(warm.Tiny.ConfigureLuck([.. warm.Settings, "environment.tasks[0].name=fake/broken", "evaluation.every=0", "rollout.retries=0"]));
        Assert.All(RunContent.Episodes(run), e => Assert.Equal(Episodes.Outcome.EnvironmentFailed, e.Outcome));
        Assert.All(RunContent.Metrics(run), m => Assert.Equal((int)m["episodes"]!, (int)m["failed_episodes"]!));
        Assert.Contains("\"episodes\": 0", File.ReadAllText(run.Summary), StringComparison.Ordinal);
    }

    /// <summary>A policy that plays, made once.</summary>
    public sealed class WarmPolicy : IDisposable
    {
        public WarmPolicy() => Folder = Tiny.Finish(Tiny.ConfigureLuck("training.steps=0", "evaluation.rounds=[2]", "evaluation.final_episodes=1")).Policy;

        internal TinyRun Tiny { get; } = new();

        internal string Folder { get; }

        internal string[] Settings => [$"model.path={Folder}", "warm_start.steps=0", "evaluation.rounds=[2]", "evaluation.final_episodes=1"];

        public void Dispose() => Tiny.Dispose();
    }
}
