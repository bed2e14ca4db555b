using System.CommandLine;
using AgentRL.Training.Experiments;

namespace AgentRL.Cli.Experiments;

/// <summary>What <c>agentrl sweep</c> was asked for.</summary>
/// <param name="File">The experiment.</param>
/// <param name="Smoke">Whether in small.</param>
/// <param name="Parallel">Runs at once; null takes what the experiment says.</param>
/// <param name="Only">The arms wanted; all where there are none.</param>
/// <param name="Runs">The folder of runs.</param>
internal sealed record SweepRequest(string File, bool Smoke, int? Parallel, IReadOnlyList<string> Only, string Runs);

/// <summary><c>agentrl sweep</c>: the runs of an experiment, arms × seeds.</summary>
internal static class SweepCommand
{
    public static Command Create(CliContext context, ISweepChildren children)
    {
        var file = new Argument<string>("SWEEP") { Description = "The experiment, for example experiments/rounds/sweep.yaml." };
        var smoke = new Option<bool>("--smoke") { Description = "Make everything small: does each part work? Results stay with the runs." };
        var parallel = SharedOptions.Count("--parallel", "Runs at once; by default what the experiment says, or as many as there are cores for.", 1);
        var only = new Option<string[]>("--only") { Description = "Only this arm (and what it begins from). May be repeated.", HelpName = "ARM", DefaultValueFactory = _ => [] };
        var runs = new Option<string>("--runs") { Description = "The folder of the runs; runs by default.", HelpName = "FOLDER", DefaultValueFactory = _ => "runs" };
        var command = new Command("sweep", "Make the runs of an experiment. What is done is left alone, what was interrupted goes on.") { file, smoke, parallel, only, runs };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new SweepRequest(
                parsed.GetRequiredValue(file), parsed.GetValue(smoke), parsed.GetValue(parallel), parsed.GetRequiredValue(only), parsed.GetRequiredValue(runs));
            var options = ExperimentLoader.Load(request.File, context.Catalog);
            return await new SweepRunner(request, options, context, children).RunAsync(cancellationToken);
        });
        return command;
    }
}
