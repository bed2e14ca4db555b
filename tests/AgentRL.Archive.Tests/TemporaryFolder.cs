namespace AgentRL.Archive.Tests;

/// <summary>A folder that goes away with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("agentrl-archive-");

    public string Path => folder.FullName;

    public string Log(int number = 1) => System.IO.Path.Combine(Path, $"episodes-{number:D6}.log");

    /// <summary>Few episodes a frame, few frames a file.</summary>
    public static readonly ArchiveWriterOptions Small = new() { FrameBytes = 700, FileBytes = 1200 };

    public void Dispose() => folder.Delete(recursive: true);
}
