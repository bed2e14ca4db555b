namespace AgentRL.Archive;

/// <summary>An archive that cannot be read or written. The message names the file and the offset in it.</summary>
public sealed class ArchiveException : Exception
{
    /// <summary>Reports a fault.</summary>
    /// <param name="file">The file (or folder) at fault.</param>
    /// <param name="offset">Byte offset in the file where the fault shows.</param>
    /// <param name="fault">What is wrong, and where there is a way out, which.</param>
    /// <param name="inner">The cause, where another exception was it.</param>
    public ArchiveException(string file, long offset, string fault, Exception? inner = null)
        : base($"{file}: offset {offset}: {fault}", inner)
    {
        File = file;
        Offset = offset;
        Fault = fault;
    }

    /// <summary>The file (or folder) at fault.</summary>
    public string File { get; }

    /// <summary>Byte offset in <see cref="File"/>.</summary>
    public long Offset { get; }

    /// <summary>What is wrong.</summary>
    public string Fault { get; }
}
