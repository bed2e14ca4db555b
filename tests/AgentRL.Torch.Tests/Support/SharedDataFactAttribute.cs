namespace AgentRL.Torch.Tests.Support;

/// <summary>A test that needs the shared reference data; skipped, saying so, where the folder is missing.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (!Directory.Exists(SharedData.Folder))
            Skip = $"no reference data in {SharedData.Folder} (set AGENTRL_TEST_DATA)";
    }
}

internal static class SharedData
{
    internal static string Folder { get; } = Find();

    internal static string Stories => Path.Combine(Folder, "stories260K");

    private static string Find()
    {
        string? named = Environment.GetEnvironmentVariable("AGENTRL_TEST_DATA");
        if (!string.IsNullOrEmpty(named))
            return named;
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "AgentRL.sln")))
            at = at.Parent;
        return Path.GetFullPath(Path.Combine(at?.FullName ?? ".", "..", "shared", "data"));
    }
}

/// <summary>As <see cref="SharedDataFactAttribute"/>, with cases.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = new SharedDataFactAttribute().Skip;
}
