using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Tests.Lineage;

/// <summary>What holds of any episode's lineage, on made-up episodes with few words, so that they meet often, and on played ones.</summary>
public class LineagePropertyTests
{
    private static readonly string[] Words = ["key1", "key2", "cab3", "a", "b", "at=key1", "at=key2", "code 4821"];

    private static readonly Gen<Episode> Made = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 7]).Array[1, 30].Select(steps =>
    {
        var made = new MemoryEpisode();
        var known = new List<string>();
        foreach (var (kind, x, y) in steps)
        {
            var index = x % 2 == 0 ? "a" : "b";
            if (kind == 3) made.Compress($"{Words[x]} {Words[y]}", (index, $"{Words[y]}; {Words[x]}"));
            else if (kind == 4) made.Compress(Words[x]);
            else if (kind == 5 && known.Contains(index)) made.Read(index);
            else if (kind == 6 && known.Contains(index)) made.Update(index, Words[y]);
            else if (kind == 7 && known.Remove(index)) made.Delete(index);
            else made.Act(new { place = Words[x] }, Words[y]);
            if (kind == 3 && !known.Contains(index)) known.Add(index);
        }
        var episode = made.Build();
        return steps[0].Item2 % 2 == 0 ? episode : episode with { Turns = [.. episode.Turns.Select(t => t.Summary is null ? t : t with { Oracle = "at=key1 todo=key2,cab3 n=4821" })] };
    });

    [Fact]
    public void Blocks_are_those_of_the_memory_and_are_carried_only_while_they_live() => Made.Sample(episode =>
    {
        var lineage = EpisodeLineage.Of(episode);
        var life = MemoryLife.Of(episode);
        Assert.Equal(
            life.Blocks.Select(b => (b.Index, b.Content, b.WrittenAt, b.WrittenBy, b.End, b.IsDead)),
            lineage.Blocks.Select(b => (b.Index, b.Content, b.WrittenAt, b.WrittenBy, b.End, b.IsDead)));
        Assert.Equal(life.Blocks.SelectMany(b => b.Reads), lineage.Blocks.SelectMany(b => b.Reads).Select(r => new BlockRead(r.Turn, r.UsedBy, r.EvictedAfter)));
        Assert.Equal(episode.Turns.Where(t => t.Summary is not null).Select(t => t.Index), lineage.Compressions.Select(c => c.Turn));
        foreach (var block in lineage.Blocks)
        {
            var lived = lineage.Compressions.Where(c => c.Turn >= block.WrittenAt && (block.End is null || c.Turn < block.End.Turn)).ToList();
            Assert.All(block.CarriedThrough, r => Assert.Contains(lived, c => c.Round == r && EvidenceUse.Holds(c.Carried!, block.Index)));
            Assert.DoesNotContain(lived, c => c.Round >= block.LostAt && EvidenceUse.Holds(c.Carried!, block.Index));
            if (block.LostAt is null && lived.Count > 0) Assert.Equal(lived[^1].Round, block.CarriedThrough[^1]);
        }
    }, iter: 1000);

    [Fact]
    public void Each_fact_has_the_fate_that_the_texts_show()
    {
        var seen = new int[Enum.GetValues<FactFate>().Length];
        Made.Sample(episode =>
        {
            var lineage = EpisodeLineage.Of(episode);
            foreach (var c in lineage.Compressions)
            {
                Assert.Equal(c.Facts.Count, c.Facts.Select(f => f.Fact).Distinct().Count());
                var next = lineage.Compressions.FirstOrDefault(o => o.Round == c.Round + 1)?.Turn ?? int.MaxValue;
                // The context before, found another way: what came since the summary before, and that summary. A discarded turn would not count; there is none.
                var before = episode.Turns.Where(t => t.Segment == episode.Turns[c.Turn].Segment && t.Index < c.Turn).SelectMany(t => new[] { t.Text, t.Observation ?? "" })
                    .Append(lineage.Compressions.FirstOrDefault(o => o.Round == c.Round - 1)?.Carried ?? "").ToList();
                var living = lineage.Blocks.Where(b => b.WrittenAt <= c.Turn && (b.End is null || b.End.Turn > c.Turn)).Select(b => b.Content).ToList();
                foreach (var p in c.Facts)
                {
                    Interlocked.Increment(ref seen[(int)p.Fate]);
                    Assert.Equal(p.Fate == FactFate.Carried, States(c.Carried!, p.Fact));
                    if (p.Fate != FactFate.Carried) Assert.Equal(p.Fate == FactFate.Archived, living.Exists(b => States(b, p.Fact)));
                    if (p.Fate is FactFate.Lost or FactFate.Absent) Assert.Equal(p.Fate == FactFate.Lost, before.Exists(t => States(t, p.Fact)));
                    if (p.UsedBy is { } user) Assert.True(p.Fate == FactFate.Carried && user > c.Turn && user < next && Names(episode.Turns[user], p.Fact));
                    if (p.NeededAt is { } needed) Assert.True(p.Fate != FactFate.Carried && needed > c.Turn && Names(episode.Turns[needed], p.Fact));
                }
            }
            Assert.Equal(lineage.Compressions.Sum(c => c.Count(FactFate.Lost)), lineage.Facts.Sum(f => f.LostAt.Count));
            Assert.Equal(lineage.Compressions.Sum(c => c.Count(FactFate.Carried)), lineage.Facts.Sum(f => f.CarriedThrough.Count));
        }, iter: 1000);
        Assert.All(seen, count => Assert.True(count > 50));

        static bool States(string text, Fact fact) => FactReader.States(text, fact, out _);
        static bool Names(Turn turn, Fact fact) => turn.Kind == TurnKind.Action && EvidenceUse.Holds(turn.ToolArguments!, fact.Value);
    }

    [Fact]
    public void Spans_of_played_episodes_are_the_tokens_that_wrote()
    {
        var (blocks, compressions) = (0, 0);
        var options = new ContextOptions
        {
            Strategy = ContextStrategyKind.Indexed,
            WorkingContext = 900,
            MaxTurnTokens = 300,
            MaxSummaryTokens = 60,
            MaxObservationTokens = 80,
            MaxRounds = 5,
            MaxTurns = 20,
            SummarizeInstruction = "sum!",
            Memory = new MemoryOptions { Search = true, Update = true, Delete = true, ReadSeveral = true, MaxBlockTokens = 50, EvictReadsAfter = 2 },
        };
        string[] turns =
        [
            ToolCall.Of("inc").Render(), MemoryTurns.Compress("see a", ("a", "x1 y2")), MemoryTurns.Read("a"), MemoryTurns.Update("a", "z3"), MemoryTurns.Search("z3"),
            MemoryTurns.Delete("a"), "noise", ToolCall.Of("fill", ("n", 90)).Render(),
        ];
        Gen.Int[0, turns.Length - 1].Array[20].Sample(script =>
        {
            var play = new Play(new ToyEnvironment(), options);
            var episode = play.Run([.. script.Select(i => turns[i])]);
            var lineage = EpisodeLineage.Of(episode);
            foreach (var span in lineage.Blocks.Select(b => b.WrittenBy).Concat(lineage.Compressions.Select(c => c.By)).OfType<TokenSpan>())
            {
                var segment = episode.Segments[span.Segment];
                Assert.All(segment.Kinds[span.Start..(span.Start + span.Length)], k => Assert.True(k is TokenKind.MemoryWrite or TokenKind.Summary));
                Assert.All(segment.Versions[span.Start..(span.Start + span.Length)], v => Assert.Equal(7, v));
            }
            foreach (var block in lineage.Blocks.Where(b => b.WrittenBy is not null))
            {
                var span = block.WrittenBy!;
                Assert.Contains(block.Content, play.Template.Tokenizer.Decode(episode.Segments[span.Segment].Ids.AsSpan(span.Start, span.Length)), StringComparison.Ordinal);
                Interlocked.Increment(ref blocks);
            }
            Interlocked.Add(ref compressions, lineage.Compressions.Count);
            Assert.Equal(episode.Rounds, lineage.Compressions.Count);
        }, iter: 200);
        Assert.True(blocks > 100 && compressions > 100, $"{blocks} blocks, {compressions} compressions");
    }
}
