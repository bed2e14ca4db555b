using System.CommandLine;

namespace AgentRL.Cli.Play;

/// <summary>What <c>agentrl play</c> was asked for.</summary>
/// <param name="TaskId">The task, for example <c>functions/scan_max#3</c>.</param>
/// <param name="Config">A configuration whose context budgets to play under; null for the defaults.</param>
/// <param name="Set">Settings that replace the file's, for example <c>context.working_context=512</c>.</param>
internal sealed record PlayRequest(string TaskId, string? Config, IReadOnlyList<string> Set);

/// <summary><c>agentrl play</c>: a person in the policy's place, under the same context budget and summaries.</summary>
internal static class PlayCommand
{
    public static Command Create(CliContext context)
    {
        var task = new Argument<string>("TASKID") { Description = "The task: functions/scan_max#3, functions/scan_max/eval#3 or functions/scan_max@{json}." };
        var config = new Option<string?>("--config") { Description = "A configuration whose context budgets to play under.", HelpName = "FILE" };
        var set = SharedOptions.Set();
        var command = new Command("play", "Play a task in the policy's place.") { task, config, set };
        command.SetAction((parsed, cancellationToken) => PlayRunner.RunAsync(
            new PlayRequest(parsed.GetRequiredValue(task), parsed.GetValue(config), parsed.GetRequiredValue(set)), context, cancellationToken));
        return command;
    }
}
