namespace AgentRL.Cli.Generate;

/// <summary>Does what <see cref="GenerateCommand"/> was asked for.</summary>
internal static class GenerateRunner
{
    /// <summary>Checks what was given, then does it.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(GenerateRequest request, CliContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        throw new NotSupportedException("generate is not part of this build yet");
    }
}
