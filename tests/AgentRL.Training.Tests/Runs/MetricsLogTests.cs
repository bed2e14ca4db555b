using AgentRL.Fakes;
using AgentRL.Metrics;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Runs;

public sealed class MetricsLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunDirectory run;

    public MetricsLogTests() => run = RunDirectory.Create(Path.Combine(folder.Path, "run"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_after_the_checkpoint_is_cut_when_the_run_goes_on()
    {
        long kept;
        using (var log = new MetricsLog(run, 0, tensorBoard: false, new FrozenTime()))
        {
            log.Write("train", 1, [new("loss", 0.5)]);
            kept = log.Bytes;
            log.Write("train", 2, [new("loss", 0.25)]);
        }
        using (var log = new MetricsLog(run, kept, tensorBoard: false, new FrozenTime())) log.Write("train", 2, [new("loss", 0.125)]);
        Assert.Equal(["{\"phase\":\"train\",\"step\":1,\"loss\":0.5}", "{\"phase\":\"train\",\"step\":2,\"loss\":0.125}"], File.ReadLines(run.Metrics));
    }

    [Fact]
    public void A_log_shorter_than_the_checkpoint_says_is_kept_whole()
    {
        using (var log = new MetricsLog(run, 0, tensorBoard: false, new FrozenTime())) log.Write("train", 1, [new("loss", 0.5)]);
        using (var log = new MetricsLog(run, 10_000, tensorBoard: false, new FrozenTime())) log.Write("train", 2, [new("loss", 0.25)]);
        Assert.Equal(2, File.ReadLines(run.Metrics).Count());
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_null_and_texts_come_first()
    {
        using (var log = new MetricsLog(run, 0, tensorBoard: true, new FrozenTime())) log.Write("eval", 3, [new Metric("loss", double.NaN), new Metric("share", 0.5)], ("split", "long"));
        Assert.Equal(["{\"phase\":\"eval\",\"step\":3,\"split\":\"long\",\"loss\":null,\"share\":0.5}"], File.ReadLines(run.Metrics));
        Assert.Equal(["eval/long/share"], TensorBoardFile.Tags(Assert.Single(Directory.GetFiles(run.TensorBoard))));
    }

    [Fact]
    public void Lines_can_be_read_while_the_log_is_open()
    {
        using var log = new MetricsLog(run, 0, tensorBoard: false, new FrozenTime());
        log.Write("train", 1, [new("loss", 0.5)]);
        Assert.Single(File.ReadLines(run.Metrics));
    }
}
