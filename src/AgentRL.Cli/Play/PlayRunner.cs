namespace AgentRL.Cli.Play;

/// <summary>Does what <see cref="PlayCommand"/> was asked for.</summary>
internal static class PlayRunner
{
    /// <summary>Checks what was given, then does it.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(PlayRequest request, CliContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = context.Catalog.Create(request.TaskId);
        throw new NotSupportedException("play is not part of this build yet");
    }
}
