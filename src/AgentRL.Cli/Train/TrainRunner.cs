using AgentRL.Cli.Plots;
using AgentRL.Cli.Results;
using AgentRL.Training;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Train;

/// <summary>Does what <see cref="TrainCommand"/> was asked for.</summary>
internal static class TrainRunner
{
    private const string RunsFolder = "runs";

    /// <summary>Checks everything, then trains.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(TrainRequest request, CliContext context, CancellationToken cancellationToken)
    {
        var configuration = ConfigurationLoader.Load(request.Config, request.Set, context.Catalog);
        var folder = request.Run ?? (request.Resume ? Path.Combine(RunsFolder, Path.GetFileNameWithoutExtension(request.Config)) : RunDirectory.FreeName(RunsFolder, request.Config));
        return Task.FromResult(Train(request, configuration, folder, context, cancellationToken));
    }

    private static int Train(TrainRequest request, RunConfiguration configuration, string folder, CliContext context, CancellationToken cancellationToken)
    {
        using var reporter = context.CreateReporter();
        reporter.Message($"run: {folder}");
        using var training = request.Resume
            ? TrainingRun.Resume(configuration, folder, context.Catalog, reporter, context.Time)
            : TrainingRun.Create(configuration, folder, context.Catalog, reporter, context.Time);
        try
        {
            var result = training.Execute(cancellationToken);
            var run = RunDirectory.Open(folder);
            reporter.Summary(RunReport.Of(result, [.. RunPlots.Draw(run, result), run.Summary, run.Policy, run.Archive]));
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            reporter.Message($"Interrupted; saved. Go on with: agentrl train {Quoted(request.Config)} --run {Quoted(folder)} --resume{string.Concat(request.Set.Select(s => $" --set {Quoted(s)}"))}");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>As a shell takes it.</summary>
    private static string Quoted(string argument) =>
        argument.All(c => char.IsLetterOrDigit(c) || "-_./=,:@%+".Contains(c, StringComparison.Ordinal)) ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
