using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AgentRL.Archive.Records;
using AgentRL.Memory;

namespace AgentRL.Archive.Memory;

/// <summary>A block as it is stored.</summary>
/// <param name="Id">Rises in the order of first writing; kept when the block is overwritten.</param>
/// <param name="Block">The block.</param>
/// <param name="Checksum">SHA-256 of its record.</param>
internal sealed record StoredBlock(long Id, ExperienceBlock Block, byte[] Checksum);

/// <summary>What a commit does to the documents of blocks.</summary>
/// <param name="Deleted">Ids that go.</param>
/// <param name="Written">Ids that are new or overwritten, with their records.</param>
internal sealed record BlockWrites(IReadOnlyCollection<long> Deleted, IReadOnlyDictionary<long, (byte[] Record, byte[] Checksum)> Written)
{
    /// <summary>Whether everything stays as it is.</summary>
    public bool IsEmpty => Deleted.Count == 0 && Written.Count == 0;
}

/// <summary>The blocks of one scope. Not changed once it is made.</summary>
internal sealed class ScopeTable(int id, ExperienceScope scope, IEnumerable<StoredBlock> contents)
{
    private readonly OrderedDictionary<string, StoredBlock> blocks = new(contents.Select(b => KeyValuePair.Create(b.Block.Index, b)), StringComparer.Ordinal);

    public int Id => id;

    public ExperienceScope Scope => scope;

    public int Count => blocks.Count;

    public IEnumerable<ExperienceBlock> Blocks => blocks.Values.Select(b => b.Block);

    /// <summary>Makes the table that a set of changes leaves, and says which documents that takes.</summary>
    public (ScopeTable After, BlockWrites Writes) Apply(IReadOnlyList<ExperienceChange> changes, ref long nextBlock)
    {
        var after = new OrderedDictionary<string, StoredBlock>(blocks, StringComparer.Ordinal);
        var deleted = new SortedSet<long>();
        var written = new SortedDictionary<long, (byte[], byte[])>();
        foreach (var (index, block) in changes)
        {
            if (block is null)
            {
                if (!after.Remove(index, out var gone)) continue;
                written.Remove(gone.Id);
                if (blocks.TryGetValue(index, out var stored) && stored.Id == gone.Id) deleted.Add(gone.Id);
                continue;
            }
            var record = BlockRecord.Encode(block);
            var place = after.TryGetValue(index, out var old) ? old.Id : nextBlock++;
            var next = new StoredBlock(place, block, SHA256.HashData(record));
            after[index] = next;
            written[place] = (record, next.Checksum);
        }
        return (new ScopeTable(id, scope, after.Values), new BlockWrites(deleted, written));
    }

    /// <summary>A checksum of the scope's name, its blocks and their order: no block can get lost unseen.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)scope.Kind]);
        hash.AppendData(MemoryMarshal.AsBytes(scope.Key.AsSpan()));
        var number = new byte[8];
        foreach (var block in blocks.Values)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, block.Id);
            hash.AppendData(number);
            hash.AppendData(block.Checksum);
        }
        return hash.GetHashAndReset();
    }
}
