using System.Security.Cryptography;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using CsCheck;

namespace AgentRL.Archive.Tests;

public class EpisodeCodecTests
{
    [Fact]
    public void Any_episode_survives_the_round_trip() =>
        Arbitrary.Episode.Sample(e => Same.Difference(e, EpisodeCodec.Decode(EpisodeCodec.Encode(e))) is null, iter: 2000);

    [Fact]
    public void Decoding_and_encoding_again_gives_the_same_bytes() =>
        Arbitrary.Episode.Sample(e =>
        {
            var bytes = EpisodeCodec.Encode(e);
            return EpisodeCodec.Encode(EpisodeCodec.Decode(bytes)).AsSpan().SequenceEqual(bytes);
        }, iter: 500);

    [Fact]
    public void Wall_clock_times_change_only_the_end_of_the_record()
    {
        var a = Samples.Episode(3);
        var b = a with { Turns = [.. a.Turns.Select(t => t with { GenerationMilliseconds = 7, ToolMilliseconds = 9 })] };
        Assert.Equal(EpisodeCodec.EncodeContent(a), EpisodeCodec.EncodeContent(b));
        var (bytesA, bytesB) = (EpisodeCodec.Encode(a), EpisodeCodec.Encode(b));
        Assert.NotEqual(bytesA, bytesB);
        Assert.Equal(bytesA[..^(16 * a.Turns.Count)], bytesB[..^(16 * a.Turns.Count)]);
    }

    [Fact]
    public void The_order_of_the_reward_parts_does_not_show()
    {
        var a = Samples.Episode(1);
        Episode With(params (string, double)[] parts) => a with { Result = a.Result with { Parts = parts.ToDictionary(p => p.Item1, p => p.Item2) } };
        Assert.Equal(EpisodeCodec.Encode(With(("x", 1), ("y", 2))), EpisodeCodec.Encode(With(("y", 2), ("x", 1))));
    }

    [Fact]
    public void Every_shortened_record_is_refused_with_file_and_offset()
    {
        var bytes = EpisodeCodec.Encode(Samples.Episode(1, segments: 2, tokens: 40, turns: 3));
        for (var length = 0; length < bytes.Length; length++)
        {
            var e = Assert.Throws<ArchiveException>(() => EpisodeCodec.Decode(bytes.AsSpan(0, length), "x.log", 77));
            Assert.Equal(("x.log", 77L), (e.File, e.Offset));
        }
    }

    [Fact]
    public void Random_damage_decodes_or_is_refused_but_never_crashes() =>
        Gen.Select(Arbitrary.Episode, Gen.Select(Gen.Int[0, 1 << 30], Gen.Byte).Array[1, 4]).Sample((episode, damage) =>
        {
            var bytes = EpisodeCodec.Encode(episode);
            foreach (var (at, value) in damage) bytes[at % bytes.Length] = value;
            try
            {
                EpisodeCodec.Decode(bytes);
            }
            catch (ArchiveException)
            {
            }
        }, iter: 5000);

    [Fact]
    public void A_count_that_cannot_be_true_allocates_nothing()
    {
        // version 1, 12 bytes of content: an empty key, task and strategy, then a huge count of segments.
        byte[] hostile = [1, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<ArchiveException>(() => EpisodeCodec.Decode(hostile));
        Assert.Contains("does not fit", e.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void An_optional_field_that_is_not_known_yet_is_skipped()
    {
        var episode = Samples.Episode(1) with { Turns = [] };
        var content = EpisodeCodec.EncodeContent(episode);
        byte[] withField = [.. content[..^1], 99, 3, 1, 2, 3, 0];
        byte[] record = [EpisodeCodec.FormatVersion, (byte)(withField.Length & 0x7F | 0x80), (byte)(withField.Length >> 7), .. withField];
        Assert.Null(Same.Difference(episode, EpisodeCodec.Decode(record)));
    }

    /// <summary>The checksum is that of the codec as it was before episodes had memories.</summary>
    [Fact]
    public void Records_without_optional_fields_are_the_bytes_they_always_were()
    {
        var episode = Samples.Episode(3) with { Failure = "höhö", Retries = 2 };
        var checksum = Convert.ToHexString(SHA256.HashData(EpisodeCodec.Encode(episode)));
        Assert.True(checksum == "BAEFEC846EF13D214C9F5D2F22ED6D185B76A79277CD354127202372DC850E04", checksum);
    }

    [Fact]
    public void Each_part_of_a_memory_survives_by_itself()
    {
        var plain = Samples.Episode(3);
        MemoryEvent[] events = [new(MemoryEventKind.Loaded, -1, "a", null, 12), new(MemoryEventKind.Write, 3, "b", "", 0), new(MemoryEventKind.Search, 4, "a b?"), new((MemoryEventKind)77, 5, "")];
        Episode[] episodes =
        [
            plain with { MemoryEvents = events },
            plain with { Penalties = new Penalties(0, -0.0, 0) },
            plain with { Penalties = new Penalties(0.25, 0.5, 1) },
            plain with { Return = 0 },
            plain with { Turns = [plain.Turns[0] with { Kind = TurnKind.MemoryRead, ChangedState = true }, plain.Turns[1] with { Kind = TurnKind.MemoryWrite, ContextAfter = -5 }] },
        ];
        foreach (var episode in episodes)
        {
            var decoded = EpisodeCodec.Decode(EpisodeCodec.Encode(episode));
            Assert.Null(Same.Difference(episode, decoded));
            Assert.NotNull(Same.Difference(plain, decoded));
        }
        Assert.Equal(events, EpisodeCodec.Decode(EpisodeCodec.Encode(episodes[0])).MemoryEvents);
    }

    [Fact]
    public void Entropies_and_oracle_lines_survive_each_by_itself()
    {
        var plain = Samples.Episode(3);
        Segment Measured(Segment s) => s with { Entropies = [.. s.Ids.Select((_, i) => i % 3 == 0 ? -0.0f : i % 3 == 1 ? 0 : i / 7f)] };
        Episode[] episodes =
        [
            plain with { Segments = [.. plain.Segments.Select((s, i) => i == plain.Segments.Count - 1 ? Measured(s) : s)] },
            plain with { Turns = [plain.Turns[0] with { Discarded = Measured(plain.Segments[0]) }, .. plain.Turns.Skip(1)] },
            plain with { Turns = [plain.Turns[0] with { Oracle = "" }, .. plain.Turns.Skip(1)] },
        ];
        foreach (var episode in episodes)
        {
            var decoded = EpisodeCodec.Decode(EpisodeCodec.Encode(episode));
            Assert.Null(Same.Difference(episode, decoded));
            Assert.NotNull(Same.Difference(plain, decoded));
        }
    }

    [Fact]
    public void A_newer_version_is_named()
    {
        var bytes = EpisodeCodec.Encode(Samples.Episode(1));
        bytes[0] = EpisodeCodec.FormatVersion + 1;
        Assert.Contains("format version 2, this program reads 1: a newer program wrote it", Assert.Throws<ArchiveException>(() => EpisodeCodec.Decode(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_with_uneven_arrays_is_refused() =>
        Assert.All([new Segment([1], [], [], [], []), new Segment([1], [default], [true], [0], [0]) { Entropies = [1, 2] }], uneven =>
            Assert.Throws<ArgumentException>(() => EpisodeCodec.Encode(Samples.Episode(1) with { Segments = [uneven] })));
}
