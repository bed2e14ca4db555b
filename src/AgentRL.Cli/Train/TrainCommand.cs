using System.CommandLine;

namespace AgentRL.Cli.Train;

/// <summary>What <c>agentrl train</c> was asked for.</summary>
/// <param name="Config">The configuration file.</param>
/// <param name="Run">The run's folder; null makes one below <c>runs/</c>, named after the configuration.</param>
/// <param name="Resume">Whether to go on with a run that was interrupted.</param>
/// <param name="Set">Settings that replace the file's.</param>
internal sealed record TrainRequest(string Config, string? Run, bool Resume, IReadOnlyList<string> Set);

/// <summary><c>agentrl train</c>: from a configuration to a trained policy.</summary>
internal static class TrainCommand
{
    public static Command Create(CliContext context)
    {
        var config = new Argument<string>("CONFIG") { Description = "The configuration (YAML)." };
        var run = new Option<string?>("--run") { Description = "The run's folder; by default one below runs/, named after the configuration.", HelpName = "DIR" };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in the folder from its last checkpoint." };
        var set = SharedOptions.Set();
        var command = new Command("train", "Train a policy: warm start, reinforcement learning, evaluation.") { config, run, resume, set };
        command.SetAction((parsed, cancellationToken) => TrainRunner.RunAsync(
            new TrainRequest(parsed.GetRequiredValue(config), parsed.GetValue(run), parsed.GetValue(resume), parsed.GetRequiredValue(set)), context, cancellationToken));
        return command;
    }
}
