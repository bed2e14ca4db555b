using System.Text;
using AgentRL.Archive;
using AgentRL.Archive.Exchange;
using AgentRL.Archive.Index;
using AgentRL.Archive.Log;
using AgentRL.Archive.Maintenance;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;

namespace AgentRL.Fuzz.Targets;

/// <summary>
/// What archives are made of: records, log files, files to import (JSON Lines and Parquet), indexes with their seals, and the small files beside the log. An input's first byte says which.
/// </summary>
internal sealed class Archives : FuzzTarget
{
    private const byte Records = 0, Logs = 1, Lines = 2, Parquet = 3, Index = 4, Beside = 5;

    private readonly JsonTree[] rows;
    private readonly byte[] parquet;
    private readonly byte[] log;
    private readonly byte[] index;
    private readonly byte[] seal;

    public Archives()
    {
        var folder = Directory.CreateTempSubdirectory("agentrl-fuzz-").FullName;
        try
        {
            var (lines, columns) = (Path.Combine(folder, "e.jsonl"), Path.Combine(folder, "e.parquet"));
            EpisodeFile.WriteAsync(lines, ExchangeFormat.Jsonl, SampleEpisodes.All).GetAwaiter().GetResult();
            EpisodeFile.WriteAsync(columns, ExchangeFormat.Parquet, SampleEpisodes.All).GetAwaiter().GetResult();
            rows = [.. File.ReadLines(lines).Select(l => new JsonTree(l))];
            parquet = File.ReadAllBytes(columns);
            var archive = Path.Combine(folder, "archive");
            using (var writer = ArchiveWriter.Open(archive))
            {
                foreach (var episode in SampleEpisodes.All) writer.Append(episode);
            }
            ArchiveVerifier.Verify(archive);
            log = File.ReadAllBytes(LogFolder.PathOf(archive, 1));
            index = File.ReadAllBytes(Path.Combine(archive, ArchiveIndex.FileName));
            seal = File.ReadAllBytes(Path.Combine(archive, ArchiveIndex.FileName + ".seal"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public override string Name => "archives";

    public override byte[] Make(RandomSequence random)
    {
        var kind = random.NextDouble() switch { < 0.5 => Records, < 0.75 => Logs, < 0.95 => Lines, < 0.97 => Parquet, < 0.98 => Index, _ => Beside };
        byte[] content = kind switch
        {
            Records => LogMaker.Record(random),
            Logs => LogMaker.File(random),
            Lines => Row(random),
            Parquet => ByteMutator.Mutate(parquet, parquet, random),
            Index => SealedIndex(random),
            _ => Encoding.UTF8.GetBytes(random.Pick<string>(["2147483647", "1", "3", "-1", "99999999999", "x", "", "1:16:0:00000000 1:16:0:00000000", "1:16", "1:2:3:zz 1:2:3:4", "1:16:2:9ab3ff01 9:99:2:9ab3ff01\n"])),
        };
        return [kind, .. content];
    }

    public override string? Read(byte[] input, string folder)
    {
        if (input.Length == 0) return "offset 0";
        var content = input[1..];
        try
        {
            switch (input[0])
            {
                case Logs: ReadLog(Fresh(folder), content); break;
                case Lines: Import(Path.Combine(folder, "e.jsonl"), ExchangeFormat.Jsonl, content); break;
                case Parquet: Import(Path.Combine(folder, "e.parquet"), ExchangeFormat.Parquet, content); break;
                case Index: ReadIndex(Fresh(folder), content); break;
                case Beside: ReadBeside(Fresh(folder), content); break;
                default: EpisodeCodec.Decode(content); break;
            }
            return null;
        }
        catch (ArchiveException e)
        {
            return e.Message;
        }
    }

    public override bool NamesPlace(string refusal) => refusal.Contains("offset", StringComparison.Ordinal);

    public override long Budget(byte[] input) => 80_000_000 + 400L * input.Length;

    private byte[] Row(RandomSequence random)
    {
        var lines = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, random.NextInt(1, 2)).Select(_ => random.Pick(rows).Mutate(random))));
        return random.NextBool(0.2) ? ByteMutator.Mutate(lines, lines, random) : lines;
    }

    /// <summary>A damaged database, mostly with the seal of an undamaged one, sometimes with one that vouches for the damage.</summary>
    private byte[] SealedIndex(RandomSequence random)
    {
        var database = (byte[])index.Clone();
        for (var left = random.Few(); left > 0; left--) database[random.NextInt(0, database.Length - 1)] ^= (byte)(1 << random.NextInt(0, 7));
        return [random.NextBool(0.5) ? (byte)1 : (byte)0, .. database];
    }

    private static string Fresh(string folder)
    {
        var archive = Path.Combine(folder, "archive");
        if (Directory.Exists(archive)) Directory.Delete(archive, recursive: true);
        Directory.CreateDirectory(archive);
        return archive;
    }

    private static void Import(string path, ExchangeFormat format, byte[] content)
    {
        File.WriteAllBytes(path, content);
        foreach (var episode in EpisodeFile.Read(path, format)) EpisodeCodec.Decode(EpisodeCodec.Encode(episode));
    }

    /// <summary>Whoever skips damage meets no exception; whoever does not meets the documented one.</summary>
    private static void ReadLog(string archive, byte[] content)
    {
        File.WriteAllBytes(LogFolder.PathOf(archive, 1), content);
        var skipping = new ArchiveReader(archive, skipDamage: true);
        try
        {
            foreach (var archived in skipping.Read()) EpisodeEntry.Of(archived);
            ArchiveVerifier.Verify(archive, keepIndex: true);
        }
        catch (ArchiveException e)
        {
            throw new BrokenPromiseException($"skipping damage, yet: {e.Message}");
        }
        foreach (var archived in new ArchiveReader(archive).Read()) EpisodeEntry.Of(archived);
    }

    private void ReadIndex(string archive, byte[] content)
    {
        File.WriteAllBytes(LogFolder.PathOf(archive, 1), log);
        var database = content[1..];
        File.WriteAllBytes(Path.Combine(archive, ArchiveIndex.FileName), database);
        var vouching = Encoding.UTF8.GetString(seal).Replace($"{Crc32C.Of(index)}", content[0] == 1 ? $"{Crc32C.Of(database)}" : "0", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(archive, ArchiveIndex.FileName + ".seal"), vouching);
        using var opened = ArchiveIndex.Open(new ArchiveReader(archive), Path.Combine(archive, ArchiveIndex.FileName));
        foreach (var entry in opened.Find(new EpisodeQuery())) opened.Read(entry);
    }

    private void ReadBeside(string archive, byte[] content)
    {
        File.WriteAllBytes(LogFolder.PathOf(archive, 1), log);
        File.WriteAllBytes(Path.Combine(archive, "positions.txt"), content);
        var reader = new ArchiveReader(archive);
        Directory.CreateDirectory(Path.Combine(archive, "rewrite"));
        File.WriteAllBytes(Path.Combine(archive, "rewrite", "commit"), content);
        foreach (var archived in reader.Read()) EpisodeEntry.Of(archived);
        reader.Contains(new ArchivePosition(1, 16, 2, 77));
        ArchiveVerifier.Verify(archive, keepIndex: true);
    }
}
