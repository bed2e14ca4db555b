using System.CommandLine;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;

namespace AgentRL.Cli.Evaluate;

/// <summary>What <c>agentrl eval</c> was asked for; null takes what the run's configuration says.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Rounds">Summary rounds of the sweep, ascending.</param>
/// <param name="Split">The one split to measure.</param>
/// <param name="Episodes">Episodes a point.</param>
/// <param name="FirstTask">Number of the first task in its split.</param>
/// <param name="Context">Another context strategy than the run's.</param>
/// <param name="Set">Settings that differ from the run's.</param>
/// <param name="Json">Where the results also go.</param>
internal sealed record EvalRequest(
    string Run, IReadOnlyList<int>? Rounds, TaskSplit? Split, int? Episodes, int FirstTask, ContextStrategyKind? Context, IReadOnlyList<string> Set, string? Json);

/// <summary><c>agentrl eval</c>: a trained policy's success over summary rounds.</summary>
internal static class EvalCommand
{
    public static Command Create(CliContext context)
    {
        var run = new Argument<string>("RUN") { Description = "A run's folder." };
        var rounds = SharedOptions.Numbers("--rounds", "Summary rounds to measure at, for example 0,1,2,4,8,16.");
        var split = new Option<string?>("--split") { Description = "Tasks to measure on; by default all splits of the run's configuration." };
        split.AcceptOnlyFromAmong(SettingNames.Of<TaskSplit>());
        var episodes = SharedOptions.Count("--episodes", "Episodes a point.", 1);
        var first = SharedOptions.Count("--first-task", "Number of the first task in its split; 0 by default. Tasks that no run has looked at begin behind the ones that it evaluates.", 0);
        var strategy = new Option<string?>("--context") { Description = "Measure under another context strategy (a baseline)." };
        strategy.AcceptOnlyFromAmong(SettingNames.Of<ContextStrategyKind>());
        var set = SharedOptions.Set();
        set.Description = "Measure with another setting than the run's: a.b=c. May be repeated; the later of two wins. "
            + $"The episodes' phase in the archive then begins with {Evaluator.OtherSettings}/ instead of {Evaluator.RunsOwn}/.";
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var command = new Command("eval", "Measure a trained policy: success over summary rounds.") { run, rounds, split, episodes, first, strategy, set, json };
        command.SetAction((parsed, cancellationToken) => EvalRunner.RunAsync(
            new EvalRequest(
                parsed.GetRequiredValue(run),
                parsed.Given(rounds) is { } given ? [.. given.Distinct().Order()] : null,
                SettingNames.Value<TaskSplit>(parsed.GetValue(split)),
                parsed.GetValue(episodes),
                parsed.GetValue(first) ?? 0,
                SettingNames.Value<ContextStrategyKind>(parsed.GetValue(strategy)),
                parsed.GetValue(set) ?? [],
                parsed.GetValue(json)),
            context,
            cancellationToken));
        return command;
    }
}
