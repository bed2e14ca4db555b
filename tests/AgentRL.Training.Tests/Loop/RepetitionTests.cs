using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

public sealed class RepetitionTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_configuration_gives_the_same_run_bit_for_bit(int workers)
    {
        var configuration = tiny.Configure($"rollout.workers={workers}", $"training.threads={workers}", "algorithm.entropy_coef=0.01");
        RunContent.AssertEqual(tiny.Finish(configuration), tiny.Finish(configuration));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_archive_of_a_run_with_so_many_training_threads_is_the_same_bytes_from_run_to_run(int threads)
    {
        // Weights change in every step, so that what a step archives depends on the bits of all gradients before. Shares of micro-batches for each thread.
        var configuration = tiny.ConfigureLuck($"training.threads={threads}", $"rollout.workers={threads}", "training.steps=4", "training.learning_rate=0.01", "training.micro_batch_tokens=64");
        var (first, second) = (tiny.Finish(configuration), tiny.Finish(configuration));
        Assert.Equal(4, RunContent.Metrics(first).Count(m => (string?)m["phase"] == "train" && (double)m["gradient_norm"]! > 0));
        var bytes = RunContent.ArchiveBytes(first);
        Assert.True(bytes.Sum(b => b.Length) > 10_000);
        Assert.Equal(bytes, RunContent.ArchiveBytes(second));
    }

    [Fact]
    public void Only_wall_clock_times_differ_between_two_runs_by_the_clock_on_the_wall()
    {
        var configuration = tiny.ConfigureLuck("training.threads=2", "rollout.workers=2", "training.steps=2");
        var runs = Enumerable.Range(0, 2).Select(_ => tiny.Finish(configuration, TimeProvider.System)).ToList();
        Assert.Contains(RunContent.Episodes(runs[0]), e => e.Turns.Any(t => t.GenerationMilliseconds > 0));
        RunContent.AssertEqual(runs[0], runs[1]);
    }

    [Theory]
    [InlineData("rollout.workers=2", "rollout.concurrency=64")]
    [InlineData("rollout.workers=3", "rollout.concurrency=1")]
    public void Workers_and_concurrency_of_the_cpu_engine_change_nothing(string workers, string concurrency)
    {
        var (plain, other) = (tiny.ConfigureLuck("rollout.engine=cpu", "rollout.workers=1", "rollout.concurrency=2"), tiny.ConfigureLuck("rollout.engine=cpu", workers, concurrency, "rollout.cache_mib=1"));
        var (expected, actual) = (tiny.Finish(plain), tiny.Finish(other));
        Assert.True(RunContent.Episodes(expected).Count > 16);
        RunContent.AssertEqual(expected, actual, ["config_sha256"]);
        Assert.Equal(RunContent.ArchiveBytes(expected), RunContent.ArchiveBytes(actual));
    }

    [Theory]
    [InlineData("auto", 0)]
    [InlineData("cpu", 0)]
    [InlineData("torch", 1)]
    public void Both_engines_agree_with_the_trainer_and_the_cpu_engine_is_what_auto_means(string engine, int other)
    {
        var run = tiny.Finish(tiny.ConfigureLuck($"rollout.engine={engine}"));
        Assert.All(RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train"), m => Assert.InRange((double)m["mismatch_logprob_max"]!, 0, 1e-4));
        // The engines' roundings differ: the last bits of some log-probability tell which one was at work.
        var reference = tiny.Finish(tiny.ConfigureLuck("rollout.engine=cpu"));
        Assert.Equal(other, LogProbs(run).SequenceEqual(LogProbs(reference)) ? 0 : 1);
    }

    [Fact]
    public void Rounded_weights_sample_from_a_slightly_other_policy_and_the_metrics_say_so()
    {
        var run = tiny.Finish(tiny.ConfigureLuck("rollout.weights=bfloat16"));
        Assert.All(RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train"), m => Assert.InRange((double)m["mismatch_logprob_max"]!, 1e-4, 0.1));
    }

    [Fact]
    public void Rounded_keys_and_values_sample_from_a_policy_that_is_nearer_and_threads_and_memory_still_change_nothing()
    {
        var run = Finish("rollout.cache=fixed16", "rollout.workers=1");
        Assert.All(RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train"), m => Assert.InRange((double)m["mismatch_logprob_max"]!, 1e-7, 1e-3));
        Assert.Equal(LogProbs(run), LogProbs(Finish("rollout.cache=fixed16", "rollout.workers=2", "rollout.concurrency=3", "rollout.cache_mib=1")));
        Assert.NotEqual(LogProbs(run), LogProbs(Finish("rollout.cache=float32", "rollout.workers=1")));

        RunDirectory Finish(params string[] settings) => tiny.Finish(tiny.ConfigureLuck(["training.threads=1", .. settings]));
    }

    [Fact]
    public void A_cache_smaller_than_the_longest_context_is_bad_input()
    {
        var configuration = tiny.Configure("model.hidden_size=64", "model.layers=6", "model.heads=8", "model.kv_heads=8", "model.head_size=1024", "rollout.cache_mib=1");
        Assert.Contains("rollout.cache_mib = 1 holds", Assert.Throws<BadInputException>(() => tiny.Finish(configuration)).Message, StringComparison.Ordinal);
    }

    private static float[] LogProbs(RunDirectory run) => [.. RunContent.Episodes(run).SelectMany(e => e.Segments).SelectMany(s => s.LogProbs.ToArray())];
}
