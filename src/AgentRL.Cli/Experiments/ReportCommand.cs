using System.CommandLine;

namespace AgentRL.Cli.Experiments;

/// <summary>What <c>agentrl report</c> was asked for.</summary>
/// <param name="Folder">The experiment's folder; null for the README alone.</param>
/// <param name="Smoke">Whether of the small runs.</param>
/// <param name="Runs">The folder of runs, where the results of small ones are.</param>
/// <param name="Readme">The file whose table is rewritten, or null.</param>
internal sealed record ReportRequest(string? Folder, bool Smoke, string Runs, string? Readme);

/// <summary><c>agentrl report</c>: tables and plots of an experiment's results.</summary>
internal static class ReportCommand
{
    public static Command Create(CliContext context)
    {
        var folder = new Argument<string?>("EXPERIMENT") { Description = "The experiment's folder, for example experiments/rounds; none with --readme alone.", Arity = ArgumentArity.ZeroOrOne };
        var smoke = new Option<bool>("--smoke") { Description = "Of the small runs that sweep --smoke made." };
        var runs = new Option<string>("--runs") { Description = "The folder of the runs, for --smoke; runs by default.", HelpName = "FOLDER", DefaultValueFactory = _ => "runs" };
        var readme = new Option<bool>("--readme") { Description = "Rewrite the table of results in README.md, between its markers, from all experiments." };
        var command = new Command("report", "Make the tables and plots of an experiment from its results.") { folder, smoke, runs, readme };
        command.Validators.Add(result =>
        {
            if (result.GetValue(folder) is null && !result.GetValue(readme)) result.AddError("give an experiment's folder, or --readme");
        });
        command.SetAction(parsed =>
        {
            var request = new ReportRequest(parsed.GetValue(folder), parsed.GetValue(smoke), parsed.GetRequiredValue(runs), parsed.GetValue(readme) ? "README.md" : null);
            return ReportRunner.Run(request, context);
        });
        return command;
    }
}
