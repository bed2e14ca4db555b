using AgentRL.Training;
using AgentRL.Training.Experiments;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Experiments;

/// <summary>Does what <see cref="ReportCommand"/> was asked for.</summary>
internal static class ReportRunner
{
    private const string Experiments = "experiments";

    /// <summary>Reads results, prints tables, and writes them and pictures beside the results.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(ReportRequest request, CliContext context)
    {
        if (request.Folder is { } folder) Report(folder, request, context);
        if (request.Readme is { } readme)
        {
            AtomicFile.WriteAllText(readme, ReadmeTable.Replace(readme, ReadmeTable.Markdown(Experiments)));
            context.Out.WriteLine(readme);
        }
        return ExitCode.Done;
    }

    private static void Report(string folder, ReportRequest request, CliContext context)
    {
        var file = Path.Combine(folder, "sweep.yaml");
        var options = ExperimentLoader.Read(file);
        var results = ExperimentPlan.Of(file, options, request.Runs, request.Smoke).Results;
        var data = ExperimentData.Load(Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)), options, results);
        if (data.Arms.Count == 0) throw new BadInputException($"{results} has no results yet; make them with: agentrl sweep {file}{(request.Smoke ? " --smoke" : "")}");
        var markdown = ExperimentTables.Markdown(data);
        context.Out.Write(markdown);
        context.Out.WriteLine();
        var table = Path.Combine(results, "table.md");
        AtomicFile.WriteAllText(table, markdown);
        foreach (var written in ExperimentPlots.Draw(data, Path.Combine(results, "plots")).Prepend(table)) context.Out.WriteLine(Path.GetRelativePath(Environment.CurrentDirectory, written));
    }
}
