using AgentRL.Episodes;

namespace AgentRL.Lineage;

/// <summary>Counts over the lineages of episodes, and their rates. Sums of them are those of all the episodes; rates over nothing are null.</summary>
public sealed record LineageRates
{
    /// <summary>Of no episodes.</summary>
    public static LineageRates None { get; } = new();

    /// <summary>Episodes; failures of environment or engine are left out.</summary>
    public int Episodes { get; init; }

    /// <summary>Contents written to memory.</summary>
    public int Writes { get; init; }

    /// <summary>Contents written and never read.</summary>
    public int DeadWrites { get; init; }

    /// <summary>Blocks that came back.</summary>
    public int Reads { get; init; }

    /// <summary>Reads whose block a later action used.</summary>
    public int UsedReads { get; init; }

    /// <summary>Reads of what the context held already (<see cref="Staleness.Repeated"/>).</summary>
    public int RepeatedReads { get; init; }

    /// <summary>Reads of what a later summary contradicts (<see cref="Staleness.Outdated"/>).</summary>
    public int OutdatedReads { get; init; }

    /// <summary>Reads that were used after their block had changed (<see cref="Staleness.Superseded"/>).</summary>
    public int SupersededReads { get; init; }

    /// <summary>Compressions.</summary>
    public int Compressions { get; init; }

    /// <summary>Facts that a summary carried, a fact counting at each compression.</summary>
    public int CarriedFacts { get; init; }

    /// <summary>Carried facts that an action used before the next compression.</summary>
    public int UsedFacts { get; init; }

    /// <summary>Facts that a compression left to a block.</summary>
    public int ArchivedFacts { get; init; }

    /// <summary>Facts that a compression lost.</summary>
    public int LostFacts { get; init; }

    /// <summary>Lost facts that a later action names.</summary>
    public int NeededFacts { get; init; }

    /// <summary>Facts that neither the context before nor what was kept holds: known to the oracle alone.</summary>
    public int AbsentFacts { get; init; }

    /// <summary>Rewards by what came of the memory.</summary>
    public RewardByUse RewardByUse { get; init; } = RewardByUse.None;

    /// <summary>Dead writes among all writes.</summary>
    public double? DeadWriteRate => Rate(DeadWrites, Writes);

    /// <summary>Used reads among all reads.</summary>
    public double? UsedReadRate => Rate(UsedReads, Reads);

    /// <summary>Stale reads, for whatever reason, among all reads.</summary>
    public double? StaleReadRate => Rate(RepeatedReads + OutdatedReads + SupersededReads, Reads);

    /// <summary>Lost facts among those that the context held before or what was kept holds: carried, archived, lost.</summary>
    public double? LostFactRate => Rate(LostFacts, CarriedFacts + ArchivedFacts + LostFacts);

    /// <summary>Lost and absent facts among all. Of facts from an oracle line: the part of a perfect memory that what was kept does not hold.</summary>
    public double? MissingFactRate => Rate(LostFacts + AbsentFacts, CarriedFacts + ArchivedFacts + LostFacts + AbsentFacts);

    /// <summary>Lost facts that a later action names, among the facts of <see cref="LostFactRate"/>.</summary>
    public double? NeededFactRate => Rate(NeededFacts, CarriedFacts + ArchivedFacts + LostFacts);

    /// <summary>Carried facts that an action used, among all carried.</summary>
    public double? UsedFactRate => Rate(UsedFacts, CarriedFacts);

    /// <summary>The counts of one episode.</summary>
    public static LineageRates Of(Episode episode, EpisodeLineage lineage)
    {
        if (episode.Outcome.IsFailure()) return None;
        var written = lineage.Blocks.Where(b => b.WrittenAt >= 0).ToList();
        var reads = lineage.Blocks.SelectMany(b => b.Reads).ToList();
        var facts = lineage.Compressions.SelectMany(c => c.Facts).ToList();
        return new LineageRates
        {
            Episodes = 1,
            Writes = written.Count,
            DeadWrites = written.Count(b => b.IsDead),
            Reads = reads.Count,
            UsedReads = reads.Count(r => r.UsedBy is not null),
            RepeatedReads = reads.Count(r => r.Staleness == Staleness.Repeated),
            OutdatedReads = reads.Count(r => r.Staleness == Staleness.Outdated),
            SupersededReads = reads.Count(r => r.Staleness == Staleness.Superseded),
            Compressions = lineage.Compressions.Count,
            CarriedFacts = facts.Count(f => f.Fate == FactFate.Carried),
            UsedFacts = facts.Count(f => f.UsedBy is not null),
            ArchivedFacts = facts.Count(f => f.Fate == FactFate.Archived),
            LostFacts = facts.Count(f => f.Fate == FactFate.Lost),
            NeededFacts = facts.Count(f => f is { Fate: FactFate.Lost, NeededAt: not null }),
            AbsentFacts = facts.Count(f => f.Fate == FactFate.Absent),
            RewardByUse = RewardByUse.Of(lineage.Use, new UseReward(1, episode.Solved ? 1 : 0, episode.Reward)),
        };
    }

    /// <summary>The counts of both.</summary>
    public static LineageRates operator +(LineageRates a, LineageRates b) => new()
    {
        Episodes = a.Episodes + b.Episodes,
        Writes = a.Writes + b.Writes,
        DeadWrites = a.DeadWrites + b.DeadWrites,
        Reads = a.Reads + b.Reads,
        UsedReads = a.UsedReads + b.UsedReads,
        RepeatedReads = a.RepeatedReads + b.RepeatedReads,
        OutdatedReads = a.OutdatedReads + b.OutdatedReads,
        SupersededReads = a.SupersededReads + b.SupersededReads,
        Compressions = a.Compressions + b.Compressions,
        CarriedFacts = a.CarriedFacts + b.CarriedFacts,
        UsedFacts = a.UsedFacts + b.UsedFacts,
        ArchivedFacts = a.ArchivedFacts + b.ArchivedFacts,
        LostFacts = a.LostFacts + b.LostFacts,
        NeededFacts = a.NeededFacts + b.NeededFacts,
        AbsentFacts = a.AbsentFacts + b.AbsentFacts,
        RewardByUse = a.RewardByUse + b.RewardByUse,
    };

    private static double? Rate(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
