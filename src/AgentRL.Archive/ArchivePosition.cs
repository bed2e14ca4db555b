using System.Globalization;

namespace AgentRL.Archive;

/// <summary>
/// A place between two frames of the log. A checkpoint stores it, so that a resumed run can cut off what was written later.
/// </summary>
/// <param name="File">Number of the log file, from 1; 0 for the beginning of an archive that has no file yet.</param>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Episodes">Episodes before this place, in all files.</param>
/// <param name="Link">Checksum that stands for everything before this place: a position fits no other log.</param>
public readonly record struct ArchivePosition(int File, long Offset, long Episodes, uint Link)
{
    /// <summary>Before everything, in any log.</summary>
    public static ArchivePosition Start => default;

    /// <summary>For example <c>1:4096:120:9ab3ff01</c>; <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Offset}:{Episodes}:{Link:x8}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no position.</exception>
    public static ArchivePosition Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length == 4
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var file)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var episodes)
            && uint.TryParse(parts[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var link))
            return new ArchivePosition(file, offset, episodes, link);
        throw new FormatException($"'{text}' is no archive position; it looks like 1:4096:120:9ab3ff01");
    }
}

/// <summary>Where an episode stands in the log.</summary>
/// <param name="File">Number of the log file, from 1.</param>
/// <param name="Offset">Offset of the frame that holds it.</param>
/// <param name="Index">Its number in the frame, from 0.</param>
public readonly record struct EpisodeLocator(int File, long Offset, int Index);

/// <summary>A stretch of the log that cannot be read.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Offset">Where the stretch begins.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Fault">What is wrong with it.</param>
/// <param name="Episodes">Episodes lost with it, where the next readable frame tells; otherwise null.</param>
/// <param name="MovedTo">Where a writer moved the bytes, where it cut them off.</param>
public sealed record ArchiveDamage(string File, long Offset, long Bytes, string Fault, long? Episodes = null, string? MovedTo = null)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => $"{File}: offset {Offset}: {Fault}; {Bytes} bytes"
        + (Episodes is { } lost ? $" with {lost} episodes" : "") + " unreadable" + (MovedTo is null ? "" : $", moved to {MovedTo}");
}
