using AgentRL.Training.Runs;

namespace AgentRL.Cli.Evaluate;

/// <summary>Does what <see cref="EvalCommand"/> was asked for.</summary>
internal static class EvalRunner
{
    /// <summary>Opens the run, then measures.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(EvalRequest request, CliContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = RunDirectory.Open(request.Run);
        throw new NotSupportedException("eval is not part of this build yet");
    }
}
