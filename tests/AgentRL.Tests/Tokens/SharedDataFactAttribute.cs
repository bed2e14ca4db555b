namespace AgentRL.Tests.Tokens;

/// <summary>A fact that needs reference data from outside the repository; skipped, saying so, where the data is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(params string[] files)
    {
        foreach (string file in files.DefaultIfEmpty("README.md"))
            if (!Path.Exists(SharedData.PathOf(file)))
                Skip = $"Reference data is missing: {SharedData.PathOf(file)} (set AGENTRL_TEST_DATA).";
    }
}

internal static class SharedData
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("AGENTRL_TEST_DATA") is { Length: > 0 } folder
        ? folder
        : Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "data"));

    public static string PathOf(string file) => Path.Combine(Folder, file);

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AgentRL.sln")))
                return folder.FullName;
        return AppContext.BaseDirectory;
    }
}
