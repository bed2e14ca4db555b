using System.CommandLine;
using AgentRL.Rollouts;

namespace AgentRL.Cli.Generate;

/// <summary>What <c>agentrl generate</c> was asked for. Either the prompt or the ids are given.</summary>
/// <param name="Model">A Hugging Face folder.</param>
/// <param name="Prompt">The text to go on with.</param>
/// <param name="Ids">The token ids to go on with.</param>
/// <param name="Tokens">Tokens to generate.</param>
/// <param name="Sampling">The distribution to sample from.</param>
/// <param name="Seed">Seed of the random stream.</param>
/// <param name="Json">Whether to print JSON.</param>
internal sealed record GenerateRequest(string Model, string? Prompt, IReadOnlyList<int>? Ids, int Tokens, Sampling Sampling, int Seed, bool Json);

/// <summary><c>agentrl generate</c>: runs any model folder and shows ids, text and log-probabilities.</summary>
internal static class GenerateCommand
{
    public static Command Create(CliContext context)
    {
        var model = new Option<string>("--model") { Description = "A Hugging Face folder.", HelpName = "FOLDER", Required = true };
        var prompt = new Option<string?>("--prompt") { Description = "The text to go on with.", HelpName = "TEXT" };
        var ids = SharedOptions.Numbers("--ids", "The token ids to go on with, for example 1,2.");
        var tokens = SharedOptions.Count("--tokens", "Tokens to generate.", 1);
        tokens.Required = true;
        var greedy = new Option<bool>("--greedy") { Description = "Always the most probable token." };
        var temperature = SharedOptions.Number("--temperature", "Logits are divided by it; 1 by default.", 100, "(--greedy takes the most probable token)");
        var seed = SharedOptions.Count("--seed", "Seed of the random stream; 1 by default.", 0);
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("generate", "Go on with a text, and show ids, text and log-probabilities.") { model, prompt, ids, tokens, greedy, temperature, seed, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(prompt) is null == result.GetResult(ids) is null) result.AddError("Give either --prompt or --ids.");
            if (result.GetResult(greedy) is not null && result.GetResult(temperature) is not null) result.AddError("Give either --greedy or --temperature.");
        });
        command.SetAction((parsed, cancellationToken) => GenerateRunner.RunAsync(
            new GenerateRequest(
                parsed.GetRequiredValue(model),
                parsed.GetValue(prompt),
                parsed.Given(ids),
                parsed.GetValue(tokens)!.Value,
                parsed.GetValue(greedy) ? Sampling.Greedy : new Sampling(parsed.GetValue(temperature) ?? 1),
                parsed.GetValue(seed) ?? 1,
                parsed.GetValue(json)),
            context,
            cancellationToken));
        return command;
    }
}
