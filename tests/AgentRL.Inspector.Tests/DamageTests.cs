using System.Net;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Inspector.Tests.Support;

namespace AgentRL.Inspector.Tests;

/// <summary>What is damaged, half-written, newer or foreign is named; the rest is shown; nothing is changed.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task A_flipped_byte_is_named_and_the_rest_is_shown_unchanged()
    {
        using var run = TestRun.Whole();
        Flip(run.Log, 700);
        await Shows(run, "the archive is damaged", "train/8/0/1");
    }

    [Fact]
    public async Task A_log_that_was_cut_is_named_once_nobody_writes_any_more()
    {
        using var run = TestRun.Whole();
        using (var log = new FileStream(run.Log, FileMode.Open)) log.SetLength(log.Length - 40);
        File.SetLastWriteTimeUtc(run.Log, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-2));
        await Shows(run, "ends in the middle of a frame", "train/1/3/0");
    }

    [Fact]
    public async Task A_cut_log_is_a_writer_at_work_while_it_is_written_to()
    {
        using var run = TestRun.Whole();
        using (var log = new FileStream(run.Log, FileMode.Open)) log.SetLength(log.Length - 40);
        await using var host = await Host.StartAsync(run);
        Assert.DoesNotContain("class=\"notices\"", await host.GetAsync("/episodes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_of_a_newer_version_is_named()
    {
        using var run = TestRun.Whole();
        Flip(run.Log, 7, 9);
        await Shows(run, "format version 9", null);
    }

    [Fact]
    public async Task A_foreign_file_is_named()
    {
        using var run = TestRun.Whole();
        File.WriteAllText(run.Log, string.Concat(Enumerable.Repeat("this is a diary, not a log. ", 200)));
        await Shows(run, "this is no episode log", null);
    }

    [Fact]
    public async Task A_run_of_a_newer_format_is_named()
    {
        using var run = TestRun.Whole();
        File.WriteAllText(run.Path("run.json"), """{"format":7}""");
        await using var host = await Host.StartAsync(run);
        Assert.Contains("the run has format 7", await host.GetAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_an_archive_still_shows_its_metrics()
    {
        using var run = new TestRun();
        await using var host = await Host.StartAsync(run);
        var page = await host.GetAsync("/");
        Assert.Contains("there is no archive in this folder", page, StringComparison.Ordinal);
        Assert.Contains("Gradient norm", page, StringComparison.Ordinal);
        await host.GetAsync("/episodes");
        await host.GetAsync("/memory");
        await host.GetAsync("/episode?key=train/1/3/0", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Lines_of_metrics_that_are_none_are_counted_and_left_out()
    {
        using var run = TestRun.Whole();
        File.AppendAllText(run.Path("metrics.jsonl"), "{\"phase\":\"train\"\n[1]\n\"half-writ");
        await using var host = await Host.StartAsync(run);
        var page = await host.GetAsync("/");
        Assert.Contains("2 lines are no records", page, StringComparison.Ordinal);
        Assert.Contains("Gradient norm", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tokenizer_that_cannot_be_used_is_named_and_ids_are_shown()
    {
        using var run = TestRun.Whole();
        await using var server = await InspectorServer.StartAsync(run.Options with { LoadTokenizer = _ => throw new InvalidDataException("broken in two") });
        using var client = new HttpClient();
        var page = await client.GetStringAsync(server.Address + "/episode?key=train/2/3/0&tokens=kind");
        Assert.Contains("broken in two", page, StringComparison.Ordinal);
        Assert.Contains("&lt;116&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_that_comes_while_the_page_is_open_is_named()
    {
        using var run = TestRun.Whole();
        await using var host = await Host.StartAsync(run);
        await host.GetAsync("/episodes");
        run.Append([Example.Episode(step: 30)]);
        Flip(run.Log, new FileInfo(run.Log).Length - 10);
        var page = await host.GetAsync("/episodes");
        Assert.Contains("the archive is damaged", page, StringComparison.Ordinal);
        Assert.Contains("train/8/0/1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_resumed_from_an_earlier_checkpoint_is_read_anew()
    {
        using var run = TestRun.Whole();
        await using var host = await Host.StartAsync(run);
        Assert.Contains("train/8/0/1", await host.GetAsync("/episodes"), StringComparison.Ordinal);
        Directory.Delete(run.Path("archive"), recursive: true);
        File.Delete(run.Path("metrics.jsonl"));
        run.Append([Example.Episode(step: 30)]);
        run.AddStep(1);
        var page = await host.GetAsync("/episodes");
        Assert.Contains("train/30/3/0", page, StringComparison.Ordinal);
        Assert.DoesNotContain("train/8/0/1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"notices\"", page, StringComparison.Ordinal);
        Assert.Contains(">1</th>", await host.GetAsync("/metrics?phase=train&name=entropy"), StringComparison.Ordinal);
        Assert.DoesNotContain(">2</th>", await host.GetAsync("/metrics?phase=train&name=entropy"), StringComparison.Ordinal);
    }

    private static async Task Shows(TestRun run, string notice, string? episode)
    {
        var before = run.Fingerprint();
        await using (var host = await Host.StartAsync(run))
        {
            foreach (var address in Host.Pages)
            {
                using var response = await host.Client.GetAsync(address);
                Assert.Contains(notice, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
            if (episode is not null) await host.GetAsync("/episode?key=" + episode);
            Assert.Contains("Gradient norm", await host.GetAsync("/"), StringComparison.Ordinal);
        }
        Assert.Equal(before, run.Fingerprint());
    }

    private static void Flip(string file, long at, byte? value = null)
    {
        using var stream = new FileStream(file, FileMode.Open);
        stream.Position = at;
        var was = (byte)stream.ReadByte();
        stream.Position = at;
        stream.WriteByte(value ?? (byte)~was);
    }
}
