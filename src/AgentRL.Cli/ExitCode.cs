namespace AgentRL.Cli;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The program failed.</summary>
    public const int Failed = 1;

    /// <summary>What was given cannot be used; nothing was created.</summary>
    public const int BadInput = 2;

    /// <summary>What was to be verified does not hold, or could not be read.</summary>
    public const int Refuted = 3;

    /// <summary>Interrupted (Ctrl-C), as shells report it.</summary>
    public const int Interrupted = 130;
}
