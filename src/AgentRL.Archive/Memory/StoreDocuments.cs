using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AgentRL.Archive.Records;
using AgentRL.Memory;
using LiteDB;

namespace AgentRL.Archive.Memory;

/// <summary>What a store holds.</summary>
/// <param name="Tables">Its scopes.</param>
/// <param name="NextBlock">The next block's id.</param>
/// <param name="Commits">Number of the last commit.</param>
internal sealed record StoreContents(IReadOnlyList<ScopeTable> Tables, long NextBlock, long Commits);

/// <summary>
/// The documents of a store: one for each block (its record and the record's checksum), one for each scope (number and digest of its blocks), and one that
/// holds the format version and the numbers of scopes and of commits. Each kind vouches for the one below, so that nothing can go missing unseen.
/// </summary>
internal sealed class StoreDocuments(ILiteDatabase database)
{
    /// <summary>LiteDB takes documents of up to 16 MiB.</summary>
    public const int LongestRecord = 15 << 20;

    private const int OnlyId = 1;

    private readonly ILiteCollection<BsonDocument> store = database.GetCollection("store", BsonAutoId.Int32);
    private readonly ILiteCollection<BsonDocument> scopes = database.GetCollection("scopes", BsonAutoId.Int32);
    private readonly ILiteCollection<BsonDocument> blocks = database.GetCollection("blocks", BsonAutoId.Int64);

    public void WriteHeader(int scopeCount, long commit) =>
        store.Upsert(new BsonDocument { ["_id"] = OnlyId, ["format"] = StoreFile.FormatVersion, ["scopes"] = scopeCount, ["commits"] = commit });

    public void Write(ScopeTable table, BlockWrites writes)
    {
        foreach (var id in writes.Deleted)
            if (!blocks.Delete(id)) throw new InvalidOperationException($"block {id} is not there");
        foreach (var (id, (record, checksum)) in writes.Written)
            blocks.Upsert(new BsonDocument { ["_id"] = id, ["scope"] = table.Id, ["record"] = record, ["sha256"] = checksum });
        scopes.Upsert(new BsonDocument
        {
            ["_id"] = table.Id,
            ["kind"] = (int)table.Scope.Kind,
            ["key"] = MemoryMarshal.AsBytes(table.Scope.Key.AsSpan()).ToArray(),
            ["blocks"] = table.Count,
            ["digest"] = table.Digest(),
        });
    }

    /// <summary>All tables, every checksum checked.</summary>
    /// <exception cref="ExperienceStoreException">The store is damaged or of another format.</exception>
    public StoreContents Read(StoreFile file)
    {
        var header = store.FindById(OnlyId) ?? throw file.Damaged("it has no header of a store; perhaps it is a database of something else");
        if (header["format"] is not { IsInt32: true } format) throw file.Damaged("its header has no format version");
        if (format.AsInt32 > StoreFile.FormatVersion) throw file.TooNew(format.AsInt32);
        if (format.AsInt32 != StoreFile.FormatVersion) throw file.Damaged($"its format version is {format.AsInt32}");

        var nextBlock = 1L;
        var stored = new Dictionary<int, List<StoredBlock>>();
        foreach (var document in blocks.FindAll())
        {
            var id = document["_id"].AsInt64;
            var (record, checksum) = (document["record"].AsBinary, document["sha256"].AsBinary);
            if (!SHA256.HashData(record).AsSpan().SequenceEqual(checksum)) throw file.Damaged($"block {id} does not have its checksum");
            nextBlock = Math.Max(nextBlock, id + 1);
            CollectionsMarshal.GetValueRefOrAddDefault(stored, document["scope"].AsInt32, out _) ??= [];
            stored[document["scope"].AsInt32].Add(new StoredBlock(id, BlockRecord.Decode(record), checksum));
        }
        var tables = new List<ScopeTable>();
        foreach (var document in scopes.FindAll())
        {
            var id = document["_id"].AsInt32;
            var scope = new ExperienceScope((ScopeKind)document["kind"].AsInt32, new string(MemoryMarshal.Cast<byte, char>(document["key"].AsBinary)));
            stored.Remove(id, out var own);
            var table = new ScopeTable(id, scope, (own ?? []).OrderBy(b => b.Id));
            if (table.Count != document["blocks"].AsInt32 || !table.Digest().AsSpan().SequenceEqual(document["digest"].AsBinary))
                throw file.Damaged($"the blocks of scope {scope.Kind} '{scope.Key}' are not those that were committed");
            tables.Add(table);
        }
        if (stored.Count > 0 || tables.Count != header["scopes"].AsInt32) throw file.Damaged("a scope is missing");
        return new StoreContents(tables, nextBlock, header["commits"].AsInt64);
    }
}
