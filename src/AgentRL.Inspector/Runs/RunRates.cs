using AgentRL.Archive;
using AgentRL.Credit;
using AgentRL.Lineage;

namespace AgentRL.Inspector.Runs;

/// <summary>Rates of a whole run's memory. They take a reading of every episode, so they are kept until the archive has grown.</summary>
internal sealed class RunRates(AlgorithmOptions algorithm)
{
    private const int Stretches = 4;

    private readonly Lock gate = new();
    private (long Episodes, IReadOnlyList<LineagePart> Parts) kept = (-1, []);

    /// <summary>Reads the archive, unless nothing was added since.</summary>
    /// <param name="reader">The archive.</param>
    /// <param name="episodes">How many episodes it holds.</param>
    /// <exception cref="ArchiveException">It is damaged, and damage is not left out.</exception>
    public IReadOnlyList<LineagePart> Of(ArchiveReader reader, long episodes)
    {
        lock (gate)
        {
            if (kept.Episodes == episodes) return kept.Parts;
            var lineage = new RunLineage(algorithm);
            foreach (var archived in reader.Read()) lineage.Add(archived.Episode);
            kept = (episodes, lineage.Parts(Stretches));
            return kept.Parts;
        }
    }
}
