namespace AgentRL.Cli.Tokenize;

/// <summary>Does what <see cref="TokenizerCommand"/> was asked for.</summary>
internal static class TokenizerTrainRunner
{
    /// <summary>Checks what was given, then does it.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(TokenizerTrainRequest request, CliContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = Training.Configuration.ConfigurationLoader.Load(request.Config, request.Set, context.Catalog);
        throw new NotSupportedException("tokenizer is not part of this build yet");
    }
}
