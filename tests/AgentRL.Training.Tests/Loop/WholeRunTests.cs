using System.Text.Json.Nodes;
using AgentRL.Episodes;
using AgentRL.Tokens;
using AgentRL.Torch.Weights;
using AgentRL.Training.Configuration;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>What a run leaves behind.</summary>
public sealed class WholeRunTests : IClassFixture<WholeRunTests.Whole>
{
    private readonly Whole whole;

    public WholeRunTests(Whole whole) => this.whole = whole;

    private static readonly string[] Figures = ["rounds_used", "peak_working_context", "below_threshold", "reads", "writes", "dead_writes"];

    private RunDirectory Run => whole.Run;

    [Fact]
    public void The_folder_holds_what_its_description_says()
    {
        string[] expected = ["archive", "checkpoints", "config.yaml", "metrics.jsonl", "policy", "run.json", "summary.json", "tensorboard", "tokenizer"];
        Assert.Equal(expected, Directory.GetFileSystemEntries(Run.Root).Select(p => Path.GetFileName(p)).Where(n => n != "run.lock").Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(Run.Root, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_resolved_configuration_is_that_of_the_run() =>
        Assert.Equal(ConfigurationWriter.Write(whole.Configuration), ConfigurationWriter.Write(ConfigurationLoader.LoadResolved(Run.Configuration, [], TinyRun.Catalog)));

    [Fact]
    public void The_policy_and_every_checkpoint_are_folders_that_load_with_their_tokenizer()
    {
        string[] folders = [Run.Policy, .. Directory.GetDirectories(Run.Checkpoints).Select(c => Path.Combine(c, "policy"))];
        Assert.Equal(4, folders.Length); // steps 2 (keep counts the newest three) of the warm start, 1 and 2 of training
        foreach (var folder in folders)
        {
            using var policy = PolicyFolder.Load(folder);
            Assert.Equal(policy.Config.VocabularySize, HuggingFaceTokenizer.Load(folder).VocabularySize);
        }
    }

    [Fact]
    public void Every_episode_is_in_the_archive_and_those_of_training_have_advantages()
    {
        var episodes = RunContent.Episodes(Run);
        var counts = episodes.GroupBy(e => (e.Key.Phase, e.Key.Step)).ToDictionary(g => g.Key, g => g.Count());
        var expected = new Dictionary<(string, int), int>
        {
            [("eval/eval/summary/1", 0)] = 4,
            [("eval_sampled/eval/summary/1", 0)] = 4,
            [("train", 1)] = 4,
            [("eval/eval/summary/1", 1)] = 2,
            [("train", 2)] = 4,
            [("eval/eval/summary/0", 2)] = 4,
            [("eval/eval/summary/1", 2)] = 4,
            [("eval/eval/blank_summary/1", 2)] = 4,
            [("eval/long/summary/0", 2)] = 4,
            [("eval/long/summary/1", 2)] = 4,
            [("eval/long/blank_summary/1", 2)] = 4,
        };
        Assert.Equal(expected.OrderBy(p => p.Key), counts.OrderBy(p => p.Key));
        Assert.All(episodes, e => Assert.Equal(e.Key.Phase == "train", e.Advantage is not null));
        Assert.Contains(episodes, e => e.Rounds > 0);
        Assert.All(episodes, e => Assert.False(e.Outcome.IsFailure()));
    }

    [Fact]
    public void Every_line_of_the_metrics_is_a_record_with_the_names_that_are_promised()
    {
        var lines = RunContent.Metrics(Run);
        string[] phases = ["warm_start 1", "warm_start 2", "eval 0", "eval_sampled 0", "train 1", "eval 1", "train 2", "eval 2", "eval 2", "eval 2", "eval 2", "eval 2", "eval 2"];
        Assert.Equal(phases, lines.Select(l => $"{l["phase"]} {l["step"]}"));
        string[] names =
        [
            "success", "reward", "rounds", "turns", "summary_share", "success_with_summary", "overlong_share", "outcome/rounds_exhausted", "outcome/turns_exhausted",
            "outcome/context_exhausted", "summary_tokens", "summary_truncated", "compression_ratio", "discarded_turns", "penalty/context_overflow", "penalty/redundancy", "penalty/format", "return", "mean_working_context", "below_threshold",
            "below_threshold_after_turns", "turns_over_threshold", "tokens_over_threshold", "context_threshold", "zero_variance_groups", "tasks_drawn", "updates",
            "health/overlong", "health/equal_rewards", "health/warnings", "loss", "loss_tokens", "gradient_norm", "learning_rate", "clip_fraction", "ratio_mean", "ratio_max", "approx_kl_k1", "approx_kl_k3", "entropy",
            "mismatch_logprob_max", "mismatch_logprob_mean", "mismatch_kl", "seconds/collect", "seconds/environments", "seconds/credit", "seconds/archive", "seconds/update", "seconds/publish", "memory/resident_mb", "memory/peak_mb", "memory/live_tensors",
        ];
        foreach (var line in lines.Where(l => (string?)l["phase"] == "train"))
        {
            foreach (var name in names) Assert.True(line[name] is JsonValue v && double.IsFinite((double)v), $"{name} is {line[name]}");

            // Trainer and rollout compute the same numbers in another order of batches: rounding of float32 alone, some 1e-6.
            Assert.InRange((double)line["mismatch_logprob_max"]!, 0, 1e-4);
            Assert.Equal(1, (double)line["ratio_mean"]!, 1e-4);
        }
        foreach (var line in lines.Where(l => ((string?)l["phase"])!.StartsWith("eval", StringComparison.Ordinal))) Assert.All(["split", "context", "rounds_allowed"], name => Assert.NotNull(line[name]));
    }

    [Fact]
    public void TensorBoard_events_hold_the_same_records()
    {
        var tags = TensorBoardFile.Tags(Assert.Single(Directory.GetFiles(Run.TensorBoard)));
        foreach (var tag in new[] { "warm_start/loss", "train/success", "train/entropy", "eval/eval/summary/1/success", "eval/long/blank_summary/1/rounds" }) Assert.Contains(tag, tags);
        Assert.Equal(2, tags.Count(t => t == "train/success"));
    }

    [Fact]
    public void The_summary_has_the_keys_that_programs_read()
    {
        var summary = JsonNode.Parse(File.ReadAllText(Run.Summary))!.AsObject();
        foreach (var name in (string[])["success_after_warm_start", "success", "train_rounds", "seconds", "peak_rss_mb", "seed", .. Figures, .. Figures.Select(f => f + "_after_warm_start")])
            Assert.True(double.IsFinite((double)summary[name]!), name);
        Assert.Equal(ConfigurationWriter.Sha256(whole.Configuration), (string?)summary["config_sha256"]);
        Assert.Equal((1, 3), ((int)summary["train_rounds"]!, (int)summary["seed"]!));
        var sweep = summary["sweep"]!.AsArray().Select(r => r!.AsObject()).ToList();
        Assert.Equal(["eval summary 0", "eval summary 1", "eval blank_summary 1", "long summary 0", "long summary 1", "long blank_summary 1"], sweep.Select(r => $"{r["split"]} {r["context"]} {r["rounds"]}"));
        foreach (var row in sweep)
        {
            Assert.Equal(4, (int)row["episodes"]!);
            Assert.InRange((double)row["success"]!, (double)row["ci_low"]!, (double)row["ci_high"]!);
            Assert.True((int)row["peak_working_context"]! > 0);
            Assert.InRange((double)row["mean_peak_working_context"]!, 1, (int)row["peak_working_context"]!);
            Assert.InRange((double)row["below_threshold"]!, 0, (double)row["below_threshold_after_turns"]!);
            foreach (var name in new[] { "reads", "writes", "dead_writes" }) Assert.Equal(0, (double)row[name]!); // summaries have no memory
            Assert.True(row.ContainsKey("used_read_share") && row["used_read_share"] is null);
        }
        var own = sweep[1];
        Assert.Equal((double)own["mean_peak_working_context"]!, (double)summary["peak_working_context"]!);
    }

    [Fact]
    public void The_figures_after_the_warm_start_are_those_of_its_episodes()
    {
        var summary = JsonNode.Parse(File.ReadAllText(Run.Summary))!.AsObject();
        var episodes = RunContent.Episodes(Run).Where(e => e.Key.Phase == "eval/eval/summary/1" && e.Key.Step == 0).ToList();
        Assert.Equal(episodes.Average(e => e.PeakWorkingContext), (double)summary["peak_working_context_after_warm_start"]!);
        Assert.Equal(episodes.Average(e => e.Rounds), (double)summary["rounds_used_after_warm_start"]!);
    }

    /// <summary>A run on scan_max. The policy solves nothing, so the entropy bonus on unmasked episodes is what moves its weights.</summary>
    public sealed class Whole : IDisposable
    {
        public Whole()
        {
            Configuration = Tiny.Configure("algorithm.entropy_coef=0.01", "algorithm.overlong=none", "evaluation.contexts=[blank_summary]");
            Run = Tiny.Finish(Configuration);
        }

        internal TinyRun Tiny { get; } = new();

        internal RunConfiguration Configuration { get; }

        internal RunDirectory Run { get; }

        public void Dispose() => Tiny.Dispose();
    }
}
