namespace AgentRL.Memory;

/// <summary>Evidence kept word for word under an index (Memex, arXiv 2603.04257, section 3).</summary>
/// <param name="Index">1–64 of A–Z, a–z, 0–9, _ and -.</param>
/// <param name="Content">The exact text.</param>
/// <param name="Origin">Who wrote it.</param>
public sealed record ExperienceBlock(string Index, string Content, BlockOrigin Origin);

/// <summary>Provenance of a block: the episode and the sampled tokens that wrote it.</summary>
/// <param name="Episode">The episode's key as text, for example <c>train/12/3/0</c>.</param>
/// <param name="Turn">0-based turn in that episode.</param>
/// <param name="Segment">0-based segment of the turn.</param>
/// <param name="Start">Position in the segment where the turn's sampled tokens begin.</param>
/// <param name="Length">Number of sampled tokens.</param>
public sealed record BlockOrigin(string Episode, int Turn, int Segment, int Start, int Length);
