using System.CommandLine;

namespace AgentRL.Cli.Tokenize;

/// <summary>What <c>agentrl tokenizer train</c> was asked for.</summary>
/// <param name="Config">The configuration whose tasks give the transcripts.</param>
/// <param name="Output">The folder to write <c>tokenizer.json</c> to.</param>
/// <param name="Set">Settings that replace the file's, for example <c>tokenizer.vocabulary=1024</c>.</param>
internal sealed record TokenizerTrainRequest(string Config, string Output, IReadOnlyList<string> Set);

/// <summary><c>agentrl tokenizer</c>: makes small vocabularies.</summary>
internal static class TokenizerCommand
{
    public static Command Create(CliContext context)
    {
        var config = new Argument<string>("CONFIG") { Description = "The configuration whose tasks give the transcripts." };
        var output = new Option<string>("--output") { Description = "The folder to write tokenizer.json to.", HelpName = "DIR", Required = true };
        var set = SharedOptions.Set();
        var train = new Command("train", "Train a small byte-level vocabulary on transcripts of a configuration's tasks.") { config, output, set };
        train.SetAction((parsed, cancellationToken) => TokenizerTrainRunner.RunAsync(
            new TokenizerTrainRequest(parsed.GetRequiredValue(config), parsed.GetRequiredValue(output), parsed.GetRequiredValue(set)), context, cancellationToken));
        return new Command("tokenizer", "Make vocabularies.") { train };
    }
}
