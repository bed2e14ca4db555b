namespace AgentRL.Tests.Tokens;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agentrl-tokens-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
