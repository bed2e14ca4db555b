using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Metrics;
using AgentRL.Tokens;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;
using TorchSharp;

namespace AgentRL.Training.Tests.Loop;

public sealed class NonFiniteTests : IDisposable
{
    private readonly TinyRun tiny = new();
    private readonly TransformerPolicy policy = TransformerPolicy.Random(new TransformerConfig
    {
        Family = TransformerFamily.Llama,
        HiddenSize = 8,
        IntermediateSize = 8,
        Layers = 1,
        Heads = 1,
        KeyValueHeads = 1,
        HeadDim = 8,
        VocabularySize = 10,
        MaxPositions = 16,
        EosTokenIds = [1],
    }, 1);

    public void Dispose()
    {
        policy.Dispose();
        tiny.Dispose();
    }

    [Fact]
    public void A_run_whose_loss_is_no_number_any_more_skips_the_updates_keeps_their_evidence_and_stops()
    {
        var configuration = tiny.ConfigureLuck("algorithm.kl_coef=0.1", "training.steps=9", "checkpoint.every=1", "training.stop_after_non_finite=3");
        var run = tiny.Crash(configuration, "reinforcement learning", 2);
        var sound = Checkpoint.Newest(run)!;
        Assert.Equal(1, sound.Progress.TrainingSteps);
        Spoil(Path.Combine(run.Root, "reference"));
        var reporter = new ListeningReporter();
        using (var training = TrainingRun.Resume(configuration, run.Root, TinyRun.Catalog, reporter, new FrozenTime()))
        {
            var stopped = Assert.Throws<NonFiniteException>(() => training.Execute(CancellationToken.None)).Message;
            Assert.StartsWith("stopped: 3 updates in a row were not finite (training.stop_after_non_finite). The last was step-4: update skipped, loss NaN", stopped, StringComparison.Ordinal);
            Assert.Contains("evidence in evidence/step-4", stopped, StringComparison.Ordinal);
        }
        Assert.Equal(3, reporter.Messages.Count(m => m.Contains("update skipped", StringComparison.Ordinal)));
        Assert.Equal(["step-2", "step-3", "step-4"], Directory.GetDirectories(run.Evidence).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));

        // The weights are those of the last sound update, and the batch is that of the archive.
        Assert.Equal(File.ReadAllBytes(Path.Combine(sound.Policy, "model.safetensors")), File.ReadAllBytes(Path.Combine(run.Evidence, "step-4", "policy", "model.safetensors")));
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(run.Evidence, "step-3", "update-1.json")))!;
        var episodes = RunContent.Episodes(run).Where(e => e.Key is { Phase: "train", Step: 3 }).Select(e => e.Key.ToString()).ToList();
        Assert.Equal(16, episodes.Count);
        Assert.Equal(episodes.Order(StringComparer.Ordinal), report["episodes"]!.AsArray().Select(e => (string)e!).Order(StringComparer.Ordinal));
        Assert.Equal(("step-3", 2, 1, "NaN"), ((string)report["step"]!, (int)report["in_a_row"]!, (int)report["update"]!, (string)report["loss"]!));
        Assert.Equal(sound.Progress.PolicyVersion, (int)report["policy_version"]!);
        var lines = File.ReadAllLines(Path.Combine(run.Evidence, "step-3", "batch-1.jsonl"));
        Assert.Equal((int)report["sequences"]!, lines.Length);
        Assert.True(JsonNode.Parse(lines[0])!["ids"]!.AsArray().Count > 0);

        // Counted at every step that was finished.
        var steps = RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train").Select(m => ((int)m["step"]!, (int)m["updates_skipped"]!));
        Assert.Equal([(1, 0), (2, 1), (3, 1)], steps);
        Assert.Equal(2, Checkpoint.Newest(run)!.Progress.NonFiniteInARow);
    }

    [Fact]
    public void A_sound_update_in_between_begins_the_count_anew_and_a_resumed_run_goes_on_counting()
    {
        var run = RunDirectory.Create(tiny.NewFolder());
        var guard = new NonFiniteGuard(run, policy, 3, 1, new ListeningReporter());
        guard.Begin("step-1", 7);
        guard.Skipped(Nothing);
        guard.Applied();
        guard.Skipped(Nothing);
        guard.Skipped(Nothing);
        Assert.Equal(2, guard.InARow);
        Assert.Contains("step-1", Assert.Throws<NonFiniteException>(() => guard.Skipped(Nothing)).Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4], Enumerable.Range(1, 9).Where(n => File.Exists(Path.Combine(run.Evidence, "step-1", $"update-{n}.json"))));
        Assert.Equal(8, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(run.Evidence, "step-1", "update-2.json")))!["policy_version"]!);
    }

    [Fact]
    public void Ten_steps_of_evidence_are_kept_and_the_newest_of_a_repeated_step()
    {
        var run = RunDirectory.Create(tiny.NewFolder());
        var reporter = new ListeningReporter();
        var guard = new NonFiniteGuard(run, policy, 100, 0, reporter);
        for (var step = 1; step <= 12; step++)
        {
            guard.Begin($"step-{step}", step);
            guard.Skipped(Nothing);
            guard.Skipped(Nothing);
        }
        Assert.Equal(10, Directory.GetDirectories(run.Evidence).Length);
        Assert.EndsWith("the evidence folder is full", reporter.Messages[^1], StringComparison.Ordinal);
        guard.Begin("step-3", 33);
        guard.Skipped(Nothing);
        Assert.Equal(33, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(run.Evidence, "step-3", "update-1.json")))!["policy_version"]!);
        Assert.False(File.Exists(Path.Combine(run.Evidence, "step-3", "update-2.json")));
    }

    [Fact]
    public void The_learner_leaves_its_weights_alone_and_makes_the_next_update()
    {
        var run = RunDirectory.Create(tiny.NewFolder());
        var guard = new NonFiniteGuard(run, policy, 2, 0, new ListeningReporter());
        using var learner = Learner.ForReinforcement(policy, new RunConfiguration { Training = new TrainingOptions { Threads = 1 } }, null, guard);
        guard.Begin("step-1", 0);
        var before = Weights();
        Episode[] bad = [Credited(1, float.NaN), Credited(-1, -2)];
        var (metrics, updates) = learner.Update(bad);
        Assert.Equal((0, 1.0, 1), (updates, Value(metrics, "updates_skipped"), guard.InARow));
        Assert.Equal(before, Weights());
        Assert.Equal(1, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(run.Evidence, "step-1", "update-1.json")))!["non_finite_log_probs"]!);
        (metrics, updates) = learner.Update([Credited(1, -2), Credited(-1, -2)]);
        Assert.Equal((1, 0.0, 0), (updates, Value(metrics, "updates_skipped"), guard.InARow));
        Assert.NotEqual(before, Weights());
        Assert.All(Weights(), w => Assert.True(float.IsFinite(w)));
    }

    private static SkippedUpdate Nothing => new(double.NaN, double.NaN, [], []);

    private static double Value(IReadOnlyList<Metric> metrics, string name) => metrics.Single(m => m.Name == name).Value;

    private static Episode Credited(double advantage, float logProb)
    {
        var builder = new SegmentBuilder();
        builder.Append(TokenKind.Task, [2]);
        builder.AppendSampled(TokenKind.Action, [3], [logProb], 0);
        return new Episode
        {
            Key = new EpisodeKey("train", 1, 0, 0),
            TaskId = "t",
            Strategy = "summary",
            Segments = [builder.Build()],
            Turns = [],
            Outcome = Outcome.Answered,
            Result = new EnvironmentResult(true, advantage, false, new Dictionary<string, double>()),
            Rounds = 0,
            PeakWorkingContext = 2,
            Advantage = advantage,
            Masked = false,
        };
    }

    private static void Spoil(string folder)
    {
        using var reference = PolicyFolder.Load(folder);
        using (torch.NewDisposeScope())
        using (torch.no_grad()) reference.Parameters[reference.Names[0]].fill_(float.NaN);
        PolicyFolder.Save(reference, folder);
    }

    private float[] Weights()
    {
        using var scope = torch.NewDisposeScope();
        return [.. policy.Names.SelectMany(n => policy.Parameters[n].detach().flatten().data<float>().ToArray())];
    }
}
