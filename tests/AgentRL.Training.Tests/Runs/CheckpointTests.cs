using AgentRL.Torch.Weights;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Runs;

public sealed class CheckpointTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void A_checkpoint_half_written_is_passed_over()
    {
        var (configuration, run) = Interrupted();
        var newest = Checkpoint.Newest(run)!;
        Directory.CreateDirectory(Path.Combine(run.Checkpoints, "0000009-0000009.writing", "policy"));
        Assert.Equal(newest.Folder, Checkpoint.Newest(run)!.Folder);
        TinyRun.Resume(configuration, run);
        Assert.True(File.Exists(run.Summary));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"warm_start_steps\": 2,")]
    [InlineData("{\"warm_start_steps\": \"two\"}")]
    [InlineData("{\"warm_start_steps\": -1}")]
    [InlineData("{\"unknown\": 2}")]
    [InlineData("{\"archive_position\": \"over there\"}")]
    [InlineData("null")]
    public void Damaged_progress_is_refused_by_name(string json)
    {
        var (configuration, run) = Interrupted();
        var file = Path.Combine(Checkpoint.Newest(run)!.Folder, "progress.json");
        File.WriteAllText(file, json);
        Assert.Contains(file, Assert.Throws<BadInputException>(() => TinyRun.Resume(configuration, run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_weights_are_refused_by_name()
    {
        var (configuration, run) = Interrupted();
        Truncate(Path.Combine(Checkpoint.Newest(run)!.Policy, "model.safetensors"));
        Assert.Contains("model.safetensors", Assert.Throws<SafetensorsException>(() => TinyRun.Resume(configuration, run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_optimizer_is_refused_by_name()
    {
        var (configuration, run) = Interrupted();
        Truncate(Checkpoint.Newest(run)!.Optimizer);
        Assert.Contains("optimizer.safetensors", Assert.Throws<SafetensorsException>(() => TinyRun.Resume(configuration, run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_optimizer_is_refused_by_name()
    {
        var (configuration, run) = Interrupted();
        File.Delete(Checkpoint.Newest(run)!.Optimizer);
        var refused = Assert.ThrowsAny<Exception>(() => TinyRun.Resume(configuration, run));
        Assert.True(refused is BadInputException or SafetensorsException, $"{refused}");
        Assert.Contains("optimizer.safetensors", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_optimizer_of_another_model_is_refused_by_name()
    {
        var (configuration, run) = Interrupted();
        var other = tiny.Interrupt(tiny.Configure("model.hidden_size=24", "evaluation.every=0"), "reinforcement learning", 1);
        File.Copy(Checkpoint.Newest(other)!.Optimizer, Checkpoint.Newest(run)!.Optimizer, overwrite: true);
        Assert.Contains("optimizer.safetensors", Assert.Throws<SafetensorsException>(() => TinyRun.Resume(configuration, run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_does_not_reach_the_checkpoint_is_refused()
    {
        var (configuration, run) = Interrupted();
        Directory.Delete(run.Archive, recursive: true);
        Assert.Throws<Archive.ArchiveException>(() => TinyRun.Resume(configuration, run));
    }

    [Fact]
    public void The_newest_are_kept_and_the_one_after_the_warm_start()
    {
        var run = tiny.Finish(tiny.Configure("training.steps=4", "checkpoint.keep=2", "evaluation.every=0"));
        Assert.Equal(["0000002-0000000", "0000002-0000003", "0000002-0000004"], Directory.GetDirectories(run.Checkpoints).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_second_checkpoint_at_a_step_never_leaves_the_step_without_one()
    {
        var (_, run) = Interrupted();
        var before = Checkpoint.Newest(run)!;
        using var policy = PolicyFolder.Load(before.Policy);
        using var optimizer = new Torch.Optimization.AdamW(policy, new Torch.Optimization.AdamWOptions { LearningRate = 1 });
        var written = File.GetLastWriteTimeUtc(before.Optimizer);
        Checkpoint.Write(run, before.Progress with { Seconds = 77 }, policy, optimizer, keep: 1);
        Assert.Equal((before.Folder, 77.0), (Checkpoint.Newest(run)!.Folder, Checkpoint.Newest(run)!.Progress.Seconds));
        Assert.Equal(written, File.GetLastWriteTimeUtc(before.Optimizer)); // weights and optimizer are not touched, so no crash can lose them
    }

    [Fact]
    public void Two_processes_cannot_train_in_one_folder_and_the_second_harms_nothing()
    {
        var (configuration, run) = Interrupted();
        using var first = TrainingRun.Resume(configuration, run.Root, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime());
        File.AppendAllText(run.Metrics, "{}\n"); // what the first has written since its checkpoint
        var length = new FileInfo(run.Metrics).Length;
        Assert.Throws<BadInputException>(() => TinyRun.Resume(configuration, run));
        Assert.Equal(length, new FileInfo(run.Metrics).Length);
    }

    [Fact]
    public void Bad_budgets_leave_nothing_behind()
    {
        var folder = tiny.NewFolder();
        var configuration = tiny.Configure("context.working_context=70");
        Assert.Contains("context budgets", Assert.Throws<BadInputException>(() => TrainingRun.Create(configuration, folder, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime())).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    private (RunConfiguration Configuration, RunDirectory Run) Interrupted()
    {
        var configuration = tiny.Configure("evaluation.every=0");
        return (configuration, tiny.Interrupt(configuration, "reinforcement learning", 1));
    }

    private static void Truncate(string file)
    {
        using var stream = new FileStream(file, FileMode.Open);
        stream.SetLength(stream.Length * 2 / 3);
    }
}
