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

    public static TheoryData<string> Damages =>
    [
        "progress ", "progress {\"warm_start_steps\": 2,", "progress {\"warm_start_steps\": \"two\"}", "progress {\"warm_start_steps\": -1}", "progress {\"unknown\": 2}",
        "progress {\"archive_position\": \"over there\"}", "progress null", "progress []", "progress {\"format\": 2}", "progress {\"format\": 1, \"files\": 3}",
        "missing progress.json", "missing policy/model.safetensors", "missing policy/tokenizer.json", "missing optimizer.safetensors", "short policy/model.safetensors", "short optimizer.safetensors",
        "flipped policy/model.safetensors", "flipped optimizer.safetensors", "flipped policy/config.json", "another optimizer.safetensors",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_newest_falls_back_to_the_one_before_and_says_so(string damage)
    {
        var (configuration, run) = Interrupted();
        var newest = Checkpoint.Newest(run)!.Folder;
        var (kind, name) = (damage.Split(' ')[0], damage[(damage.IndexOf(' ') + 1)..]);
        var file = Path.Combine(newest, kind == "progress" ? "progress.json" : name);
        if (kind == "progress") File.WriteAllText(file, name);
        else if (kind == "missing") File.Delete(file);
        else if (kind == "short") Truncate(file);
        else if (kind == "flipped") Flip(file);
        else File.Copy(Checkpoint.Newest(tiny.Interrupt(tiny.Configure("model.hidden_size=24", "evaluation.every=0"), "reinforcement learning", 1))!.Optimizer, file, overwrite: true);

        Assert.NotEqual(newest, Checkpoint.Newest(run)!.Folder);
        Assert.True(Directory.Exists(newest)); // whoever only looks leaves it where it is
        var listener = new ListeningReporter();
        using (var training = TrainingRun.Resume(configuration, run.Root, TinyRun.Catalog, listener, new FrozenTime())) training.Execute(CancellationToken.None);
        var told = Assert.Single(listener.Messages, m => m.Contains("damaged", StringComparison.Ordinal));
        Assert.Contains(file, told, StringComparison.Ordinal);
        Assert.Contains("Going on from 0000002-0000000", told, StringComparison.Ordinal);
        Assert.True(Directory.Exists(newest + ".damaged"));
        RunContent.AssertEqual(tiny.Finish(configuration), run);
    }

    [Fact]
    public void Where_all_are_damaged_the_run_does_not_begin_again_behind_anyones_back()
    {
        var (configuration, run) = Interrupted();
        foreach (var folder in Directory.GetDirectories(run.Checkpoints)) Flip(Path.Combine(folder, "optimizer.safetensors"));
        var refused = Assert.Throws<BadInputException>(() => TinyRun.Resume(configuration, run)).Message;
        foreach (var folder in Directory.GetDirectories(run.Checkpoints)) Assert.Contains(Path.Combine(folder, "optimizer.safetensors"), refused, StringComparison.Ordinal);
    }

    [Fact]
    public void No_flipped_byte_of_the_progress_is_believed()
    {
        var (_, run) = Interrupted();
        var newest = Checkpoint.Newest(run)!;
        var file = Path.Combine(newest.Folder, "progress.json");
        var bytes = File.ReadAllBytes(file);
        var (believed, blanks) = (0, bytes.Count(b => b is (byte)' ' or (byte)'\n'));
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var bit in new[] { 1, 4, 32 })
            {
                var flipped = bytes.ToArray();
                flipped[at] ^= (byte)bit;
                File.WriteAllBytes(file, flipped);
                var found = Checkpoint.Newest(run)!;
                if (found.Folder != newest.Folder) continue;
                Assert.Equal(newest.Progress, found.Progress);
                believed++;
            }
        }
        Assert.InRange(believed, 0, blanks); // white space that became other white space
    }

    [Fact]
    public void A_checkpoint_older_than_the_checksums_is_read()
    {
        var (configuration, run) = Interrupted();
        var newest = Checkpoint.Newest(run)!;
        File.WriteAllText(Path.Combine(newest.Folder, "progress.json"), newest.Progress.ToJson());
        Assert.Equal((newest.Folder, newest.Progress), (Checkpoint.Newest(run)!.Folder, Checkpoint.Newest(run)!.Progress));
        TinyRun.Resume(configuration, run);
        RunContent.AssertEqual(tiny.Finish(configuration), run);
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

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length * 2 / 3] ^= 16;
        File.WriteAllBytes(file, bytes);
    }

    private static void Truncate(string file)
    {
        using var stream = new FileStream(file, FileMode.Open);
        stream.SetLength(stream.Length * 2 / 3);
    }
}
