using AgentRL.Episodes;
using LiteDB;

namespace AgentRL.Archive.Index;

/// <summary>An index entry as a LiteDB document. Written out, so that a renamed property cannot change a file's format unseen.</summary>
internal static class EntryDocument
{
    public static BsonDocument From(EpisodeEntry e) => new()
    {
        ["_id"] = e.Number,
        ["phase"] = e.Key.Phase,
        ["step"] = e.Key.Step,
        ["group"] = e.Key.Group,
        ["sample"] = e.Key.Sample,
        ["task"] = e.TaskId,
        ["env"] = e.Environment,
        ["strategy"] = e.Strategy,
        ["outcome"] = (int)e.Outcome,
        ["reward"] = e.Reward,
        ["solved"] = e.Solved,
        ["rounds"] = e.Rounds,
        ["reads"] = e.MemoryReads,
        ["writes"] = e.MemoryWrites,
        ["turns"] = e.Turns,
        ["malformed"] = e.MalformedTurns,
        ["tokens"] = e.Tokens,
        ["peak"] = e.PeakWorkingContext,
        ["advantage"] = e.Advantage is { } a ? new BsonValue(a) : BsonValue.Null,
        ["file"] = e.Locator.File,
        ["offset"] = e.Locator.Offset,
        ["index"] = e.Locator.Index,
    };

    public static EpisodeEntry To(BsonDocument d) => new()
    {
        Number = d["_id"].AsInt64,
        Key = new EpisodeKey(d["phase"].AsString, d["step"].AsInt32, d["group"].AsInt32, d["sample"].AsInt32),
        TaskId = d["task"].AsString,
        Environment = d["env"].AsString,
        Strategy = d["strategy"].AsString,
        Outcome = (Outcome)d["outcome"].AsInt32,
        Reward = d["reward"].AsDouble,
        Solved = d["solved"].AsBoolean,
        Rounds = d["rounds"].AsInt32,
        MemoryReads = d["reads"].AsInt32,
        MemoryWrites = d["writes"].AsInt32,
        Turns = d["turns"].AsInt32,
        MalformedTurns = d["malformed"].AsInt32,
        Tokens = d["tokens"].AsInt32,
        PeakWorkingContext = d["peak"].AsInt32,
        Advantage = d["advantage"] is { IsNull: false } a ? a.AsDouble : null,
        Locator = new EpisodeLocator(d["file"].AsInt32, d["offset"].AsInt64, d["index"].AsInt32),
    };
}
