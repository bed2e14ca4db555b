using System.CommandLine;

namespace AgentRL.Cli.Bench;

/// <summary>What <c>agentrl bench</c> was asked for.</summary>
/// <param name="Model">A Hugging Face folder in place of the two standard models, or null.</param>
/// <param name="Quick">Fewer cases and less time for each.</param>
/// <param name="Json">Where figures go as JSON, or null.</param>
internal sealed record BenchRequest(string? Model, bool Quick, string? Json);

/// <summary><c>agentrl bench</c>: how fast this machine generates, against its own ceilings.</summary>
internal static class BenchCommand
{
    public static Command Create(CliContext context)
    {
        var model = new Option<string?>("--model") { Description = "A Hugging Face folder to measure in place of the two standard models.", HelpName = "FOLDER" };
        var quick = new Option<bool>("--quick") { Description = "Fewer cases; ends within 50 seconds." };
        var json = new Option<string?>("--json") { Description = "Write the figures to a file, too.", HelpName = "FILE" };
        var command = new Command("bench", "Measure generation: decoding and prefill of both engines, against this machine's ceilings.") { model, quick, json, ArchiveBench.Create(context) };
        command.SetAction((parsed, cancellationToken) =>
            Task.FromResult(BenchRunner.Run(new BenchRequest(parsed.GetValue(model), parsed.GetValue(quick), parsed.GetValue(json)), context, cancellationToken)));
        return command;
    }
}
