namespace AgentRL.Testing;

/// <summary>A fact that needs reference data from outside the repository; skipped, saying so, where the data is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    /// <param name="files">What it needs within the folder; the folder itself where nothing is named.</param>
    public SharedDataFactAttribute(params string[] files)
    {
        foreach (string file in files.DefaultIfEmpty(""))
            if (!Path.Exists(SharedData.PathOf(file)))
                Skip = $"Reference data is missing: {SharedData.PathOf(file)} (set AGENTRL_TEST_DATA).";
    }
}

/// <summary>As <see cref="SharedDataFactAttribute"/>, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = new SharedDataFactAttribute().Skip;
}

internal static class SharedData
{
    /// <summary>The folder that <c>AGENTRL_TEST_DATA</c> names, or the one beside the repository.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("AGENTRL_TEST_DATA") is { Length: > 0 } folder
        ? folder
        : Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "data"));

    public static string Stories => PathOf("stories260K");

    public static string PathOf(string file) => Path.Combine(Folder, file);

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AgentRL.sln")))
                return folder.FullName;
        return AppContext.BaseDirectory;
    }
}
