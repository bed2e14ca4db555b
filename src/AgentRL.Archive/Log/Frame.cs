namespace AgentRL.Archive.Log;

/// <summary>A frame found in the log.</summary>
/// <param name="File">Number of its file.</param>
/// <param name="Path">Path of its file.</param>
/// <param name="Offset">Where its header begins.</param>
/// <param name="Header">Its header, intact.</param>
/// <param name="Stored">Its payload, intact; null where only headers were walked.</param>
internal sealed record Frame(int File, string Path, long Offset, FrameHeader Header, byte[]? Stored)
{
    /// <summary>Where the next frame begins.</summary>
    public long End => Offset + FrameHeader.Size + Header.Stored;
}

/// <summary>What a walk through the log does with damage.</summary>
[Flags]
internal enum WalkMode
{
    /// <summary>Throws at damage. An incomplete end of the log is none: a writer may be at work.</summary>
    Strict = 0,

    /// <summary>Skips what is unreadable, and counts it.</summary>
    Skip = 1,

    /// <summary>Anything unreadable at the end of the log, with no intact frame after it, is an end that a writer will cut off.</summary>
    CutTail = 2,
}
