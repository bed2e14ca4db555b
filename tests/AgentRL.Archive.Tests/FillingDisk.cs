namespace AgentRL.Archive.Tests;

/// <summary>A file on a disk with room for so many bytes of it.</summary>
internal sealed class FillingDisk(string path, FileMode mode, long capacity, FileAccess access = FileAccess.Write) : FileStream(path, mode, access, FileShare.ReadWrite, 0)
{
    // The base class brings writes of spans here too.
    public override void Write(byte[] buffer, int offset, int count)
    {
        var room = (int)Math.Clamp(capacity - Position, 0, count);
        base.Write(buffer, offset, room);
        if (room < count) throw new IOException("No space left on device");
    }
}
