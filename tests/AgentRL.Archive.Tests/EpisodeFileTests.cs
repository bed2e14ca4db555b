using System.Text.Json;
using AgentRL.Archive.Exchange;
using AgentRL.Archive.Maintenance;
using AgentRL.Episodes;
using CsCheck;
using Parquet;

namespace AgentRL.Archive.Tests;

/// <summary>Export and import.</summary>
public sealed class EpisodeFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string File(ExchangeFormat format) => Path.Combine(folder.Path, format == ExchangeFormat.Jsonl ? "episodes.jsonl" : "episodes.parquet");

    private List<Episode> RoundTrip(ExchangeFormat format, IEnumerable<Episode> episodes)
    {
        EpisodeFile.WriteAsync(File(format), format, episodes).GetAwaiter().GetResult();
        return [.. EpisodeFile.Read(File(format), format)];
    }

    /// <summary>Any text (lone surrogates too), any bits of any number.</summary>
    [Theory]
    [InlineData(ExchangeFormat.Jsonl, 300)]
    [InlineData(ExchangeFormat.Parquet, 60)]
    public void Whatever_was_exported_comes_back_bit_for_bit(ExchangeFormat format, int iterations) => Arbitrary.Episode.Array[0, 6].Sample(
        episodes =>
        {
            var back = RoundTrip(format, episodes);
            return back.Count == episodes.Length && back.Zip(episodes).All(p => Same.Difference(p.First, p.Second) is null);
        },
        iter: iterations,
        threads: 1);

    [Theory]
    [InlineData(ExchangeFormat.Jsonl)]
    [InlineData(ExchangeFormat.Parquet)]
    public void More_episodes_than_a_row_group_holds_keep_their_order(ExchangeFormat format)
    {
        var episodes = Enumerable.Range(0, 600).Select(i => Samples.Episode(i, segments: 1, tokens: 40, turns: 2).WithMemory(i)).ToList();
        var back = RoundTrip(format, episodes);
        Assert.Equal(episodes.Count, back.Count);
        Assert.All(episodes.Zip(back), p => Assert.Null(Same.Difference(p.First, p.Second)));
    }

    [Fact]
    public void A_line_has_the_documented_fields_and_each_token_its_advantage()
    {
        var episode = Samples.Episode(1, segments: 1, tokens: 60, turns: 3).WithMemory(3);
        RoundTrip(ExchangeFormat.Jsonl, [episode, episode with { Masked = true }]);
        var lines = System.IO.File.ReadAllLines(File(ExchangeFormat.Jsonl)).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(
            ["phase", "step", "group", "sample", "task_id", "strategy", "outcome", "is_over", "reward", "solved", "reward_parts", "penalty_context_overflow", "penalty_redundancy", "penalty_format", "return",
                "advantage", "masked", "rounds", "peak_working_context", "retries", "segments", "turns", "memory_events"],
            lines[0].EnumerateObject().Select(p => p.Name));
        var segment = lines[0].GetProperty("segments")[0];
        Assert.Equal(["ids", "kinds", "loss", "log_probs", "versions", "entropies", "advantages"], segment.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            episode.Segments[0].Loss.Select(l => l ? episode.Advantage!.Value : 0),
            segment.GetProperty("advantages").EnumerateArray().Select(a => a.GetDouble()));
        Assert.All(lines[1].GetProperty("segments")[0].GetProperty("advantages").EnumerateArray(), a => Assert.Equal(0, a.GetDouble()));
    }

    [Fact]
    public async Task A_Parquet_file_has_the_documented_columns()
    {
        RoundTrip(ExchangeFormat.Parquet, [Samples.Episode(1)]);
        await using var reader = await ParquetReader.CreateAsync(File(ExchangeFormat.Parquet));
        var columns = reader.Schema.GetDataFields().Select(f => f.Path.ToString()).ToList();
        Assert.Contains("task_id", columns);
        Assert.Contains("segments/list/element/log_probs/list/element", columns);
        Assert.Contains("turns/list/element/discarded/ids/list/element", columns);
        Assert.Contains("memory_events/list/element/content", columns);
        Assert.Equal("1", reader.CustomMetadata["agentrl.episodes"]);
    }

    [Theory]
    [InlineData(ExchangeFormat.Jsonl)]
    [InlineData(ExchangeFormat.Parquet)]
    public async Task What_fails_or_is_interrupted_leaves_the_file_as_it_was_and_nothing_else(ExchangeFormat format)
    {
        RoundTrip(format, [Samples.Episode(1)]);
        var before = System.IO.File.ReadAllBytes(File(format));
        using var interrupted = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EpisodeFile.WriteAsync(File(format), format, Interrupting(), interrupted.Token));
        await Assert.ThrowsAsync<ArchiveException>(() => EpisodeFile.WriteAsync(File(format), format, Failing()));
        Assert.Equal(before, System.IO.File.ReadAllBytes(File(format)));
        Assert.Equal([File(format)], Directory.GetFiles(folder.Path));

        IEnumerable<Episode> Interrupting()
        {
            for (var i = 0; ; i++)
            {
                if (i == 300) interrupted.Cancel();
                yield return Samples.Episode(i, segments: 1, tokens: 40, turns: 1);
            }
        }

        static IEnumerable<Episode> Failing()
        {
            for (var i = 0; i < 300; i++) yield return Samples.Episode(i, segments: 1, tokens: 40, turns: 1);
            throw new ArchiveException("log", 7, "damaged");
        }
    }

    [Theory]
    [InlineData("{\"text\":\"somebody else's\"}", "line 2: '' is no outcome")]
    [InlineData("not json", "line 2: ")]
    [InlineData("null", "line 2: null is no episode")]
    [InlineData("{\"outcome\":\"answered\",\"segments\":[{\"ids\":[1],\"kinds\":[1]}]}", "line 2: the lists of a segment differ in length")]
    [InlineData("{\"outcome\":\"answered\",\"segments\":[{\"ids\":[1],\"kinds\":[256],\"loss\":[true],\"log_probs\":[0],\"versions\":[0]}]}", "line 2: a kind of token is not between 0 and 255")]
    [InlineData("{\"outcome\":\"answered\",\"turns\":null}", "line 2: 'turns' is null")]
    [InlineData("{\"outcome\":\"answered\",\"reward\":\"much\"}", "line 2: 'much' is no number")]
    public void A_line_that_is_no_episode_is_named_and_no_archive_is_made(string line, string fault)
    {
        RoundTrip(ExchangeFormat.Jsonl, [Samples.Episode(1)]);
        System.IO.File.AppendAllText(File(ExchangeFormat.Jsonl), line + "\n");
        var target = Path.Combine(folder.Path, "archive");
        var e = Assert.Throws<ArchiveException>(() => ArchiveRewriter.Create(target, EpisodeFile.Read(File(ExchangeFormat.Jsonl), ExchangeFormat.Jsonl)));
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(target, "*.log", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_damaged_or_foreign_Parquet_file_is_refused()
    {
        RoundTrip(ExchangeFormat.Parquet, [.. Enumerable.Range(0, 5).Select(i => Samples.Episode(i))]);
        var bytes = System.IO.File.ReadAllBytes(File(ExchangeFormat.Parquet));
        foreach (var wrong in new[] { [], bytes[..(bytes.Length / 2)], [.. "PAR1 and then nothing of the kind"u8], bytes[10..] })
        {
            System.IO.File.WriteAllBytes(File(ExchangeFormat.Parquet), wrong);
            Assert.Throws<ArchiveException>(() => EpisodeFile.Read(File(ExchangeFormat.Parquet), ExchangeFormat.Parquet).Count());
        }
    }

    [Fact]
    public void An_imported_archive_is_the_exported_one()
    {
        var episodes = Enumerable.Range(0, 20).Select(i => Samples.Episode(i).WithMemory(i)).ToList();
        RoundTrip(ExchangeFormat.Parquet, episodes);
        var target = Path.Combine(folder.Path, "archive");
        Assert.Equal(20, ArchiveRewriter.Create(target, EpisodeFile.Read(File(ExchangeFormat.Parquet), ExchangeFormat.Parquet)));
        Assert.All(new ArchiveReader(target).Read().Zip(episodes), p => Assert.Null(Same.Difference(p.First.Episode, p.Second)));
    }
}
