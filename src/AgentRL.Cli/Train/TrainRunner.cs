using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Train;

/// <summary>Does what <see cref="TrainCommand"/> was asked for.</summary>
internal static class TrainRunner
{
    /// <summary>Checks everything, then trains.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(TrainRequest request, CliContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = ConfigurationLoader.Load(request.Config, request.Set, context.Catalog);
        throw new NotSupportedException("train is not part of this build yet");
    }
}
