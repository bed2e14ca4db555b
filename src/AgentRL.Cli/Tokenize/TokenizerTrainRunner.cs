using AgentRL.Tokens;
using AgentRL.Training;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.WarmStarts;

namespace AgentRL.Cli.Tokenize;

/// <summary>Does what <see cref="TokenizerCommand"/> was asked for.</summary>
internal static class TokenizerTrainRunner
{
    /// <summary>Trains on transcripts of the configuration's tasks and writes the folder.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(TokenizerTrainRequest request, CliContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var configuration = ConfigurationLoader.Load(request.Config, request.Set, context.Catalog);
        if (File.Exists(Path.Combine(request.Output, "tokenizer.json"))) throw new BadInputException($"{request.Output} already holds a tokenizer.json; give another --output folder");
        var transcripts = TokenizerProvision.Transcripts(configuration, RunInputs.TasksOf(configuration, context.Catalog)).ToList();
        var tokenizer = BpeTrainer.Train(transcripts, configuration.Tokenizer.Vocabulary);
        tokenizer.Save(request.Output);
        var bytes = transcripts.Sum(t => System.Text.Encoding.UTF8.GetByteCount(t));
        var tokens = transcripts.Sum(t => tokenizer.EncodeTrusted(t).Length);
        context.Out.WriteLine($"{tokenizer.VocabularySize} tokens, {bytes} bytes of transcripts in {tokens} tokens ({(double)bytes / tokens:F2} bytes a token)");
        context.Out.WriteLine(Path.Combine(request.Output, "tokenizer.json"));
        return Task.FromResult(ExitCode.Done);
    }
}
