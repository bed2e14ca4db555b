namespace AgentRL.Environments;

/// <summary>
/// A reference solver whose memory has two parts: a few short fields, and evidence that pays to be kept word for word outside of the summary. It acts
/// on what it holds: after a summary without the evidence it says what it misses, and goes on once that is recalled.
/// </summary>
/// <remarks>
/// Fields of role <see cref="MemoryRole.Evidence"/> hold the same details for summaries that have no archive beside them: comma-separated lists, the item
/// needed next first, so that a list cut at a comma is still worth carrying.
/// </remarks>
public interface IEvidenceSolver : IReferenceSolver
{
    /// <summary>What the solver holds that is worth archiving, in the order in which it was observed. Empty after <see cref="IReferenceSolver.Resume"/>, until observed or recalled.</summary>
    IReadOnlyList<Evidence> Evidence { get; }

    /// <summary>Name of the evidence without which <see cref="IReferenceSolver.NextTurn"/> would be but a guess; null where the solver can go on.</summary>
    string? MissingEvidence { get; }

    /// <summary>Takes evidence back, exactly as it was archived. Text that is something else is ignored.</summary>
    /// <param name="content">The block's content.</param>
    void Recall(string content);
}

/// <summary>Text worth keeping word for word.</summary>
/// <param name="Name">A good index for it.</param>
/// <param name="Description">One or two words for the summary's map of indices; without white space.</param>
/// <param name="Start">How the text begins: verbatim, as in the observation that held it.</param>
/// <param name="Mid">A piece from its inside.</param>
/// <param name="End">How it ends.</param>
/// <param name="Text">All of it, verbatim; empty where it can only be named by its anchors.</param>
public sealed record Evidence(string Name, string Description, string Start, string Mid, string End, string Text = "");
