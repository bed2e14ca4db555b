using AgentRL.Training;
using AgentRL.Training.Experiments;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Experiments;

/// <summary>Makes one run of an experiment: training, measurements, counterfactuals, and the result. Each is left out where it is done already.</summary>
internal sealed class RunExecutor
{
    private readonly ExperimentPlan plan;
    private readonly SweepRequest request;
    private readonly ISweepChildren children;
    private readonly TimeProvider time;
    private readonly string? commit;
    private readonly DoneTrainings trainings;

    public RunExecutor(ExperimentPlan plan, SweepRequest request, ISweepChildren children, CliContext context)
    {
        (this.plan, this.request, this.children, time, commit) = (plan, request, children, context.Time, context.Commit());
        trainings = new DoneTrainings(request.Runs, commit, context.Catalog);
    }

    /// <summary>Whether a run has the result that is asked for.</summary>
    /// <param name="run">The run.</param>
    /// <param name="other">Why a result that is there does not count; else null.</param>
    public bool IsDone(PlannedRun run, out string? other)
    {
        other = null;
        var path = ExperimentResult.PathOf(plan.Results, run);
        if (!File.Exists(path)) return false;
        if (ExperimentResult.Load(path).Fingerprint == run.Fingerprint() && (!IsStart(run) || Directory.Exists(run.Policy))) return true;
        other = ExperimentResult.Load(path).Fingerprint == run.Fingerprint() ? "other runs begin from its policy, which is gone" : "the result that is there has other settings";
        return false;
    }

    /// <summary>Makes the run; a crash is tried again from the last checkpoint.</summary>
    public async Task<RunEnd> RunAsync(RunState state, int retries, Action<string> note, CancellationToken stop)
    {
        try
        {
            if (trainings.TakeOver(state.Run) is { } other) Took(state.Run, other, note);
            for (var attempt = 0; ; attempt++)
            {
                var failure = await AttemptAsync(state, stop);
                if (failure is null) return new RunEnd(Save(state), null);
                if (stop.IsCancellationRequested) return new RunEnd(null, null);
                if (!failure.Value.IsCrash || attempt == retries) return new RunEnd(null, failure.Value.What);
                note($"{state.Run.Name}: {failure.Value.What}; it is tried again");
            }
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
        {
            return new RunEnd(null, e.Message);
        }
    }

    private async Task<(string What, bool IsCrash)?> AttemptAsync(RunState state, CancellationToken stop)
    {
        var run = state.Run;
        var marker = Path.Combine(run.Folder, "run.json");
        if (!File.Exists(Path.Combine(run.Folder, "summary.json")) && await ChildAsync(run.TrainArguments(resume: File.Exists(marker)), "") is { } training) return training;
        foreach (var (measurement, _, file, arguments) in run.EvalArguments())
        {
            if (!File.Exists(file) && await ChildAsync(arguments, $"evaluation {measurement.Name}: ") is { } evaluation) return evaluation;
        }
        if (run.WhatIfArguments() is { } whatIf)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(whatIf.File)!);
            if (!File.Exists(whatIf.File) && await ChildAsync(whatIf.Arguments, "what-if: ") is { } counterfactual) return counterfactual;
        }
        trainings.Note(run);
        return null;

        async Task<(string, bool)?> ChildAsync(IReadOnlyList<string> arguments, string stage)
        {
            if (stop.IsCancellationRequested) return ("interrupted", false);
            var began = time.GetTimestamp();
            var last = "";
            var log = Log(run);
            var code = await children.RunAsync(arguments, log, Take, stop);
            AddSeconds(run, time.GetElapsedTime(began).TotalSeconds);
            if (code == ExitCode.Done) return null;
            var what = $"{arguments[0]} ended with exit code {code}{(last.Length > 0 ? $" ({last})" : "")}; see {log}";
            return (what, code is not (ExitCode.BadInput or ExitCode.Interrupted));

            void Take(string line)
            {
                if (string.IsNullOrWhiteSpace(line)) return;
                last = line.Trim();
                state.Line = stage + last;
            }
        }
    }

    /// <summary>The time that the training took is this run's, too.</summary>
    private static void Took(PlannedRun run, string other, Action<string> note)
    {
        AddSeconds(run, RunResult.FromJson(File.ReadAllText(Path.Combine(run.Folder, "summary.json"))).Seconds);
        note($"{run.Name}: its training is that of {other}, which has the same settings");
    }

    private ExperimentResult Save(RunState state)
    {
        var run = state.Run;
        var result = new ExperimentResult
        {
            Experiment = plan.Name,
            Arm = run.Arm.Name,
            Seed = run.Seed,
            Smoke = run.IsSmoke,
            Command = $"agentrl sweep {request.File} --only {run.Arm.Name}{(run.IsSmoke ? " --smoke" : "")}",
            Commit = commit,
            Fingerprint = run.Fingerprint(),
            Seconds = Math.Round(ReadSeconds(run), 1),
            Summary = RunResult.FromJson(File.ReadAllText(Path.Combine(run.Folder, "summary.json"))),
            Evaluations = [.. run.EvalArguments().Select(e => new MeasuredPoints(e.Measurement.Name, e.Context, ExperimentResult.Rows(e.File)))],
            WhatIf = run.WhatIfArguments() is { } whatIf ? MeasuredChange.Load(whatIf.File) : [],
            Curve = TrainingCurve.Load(Path.Combine(run.Folder, "metrics.jsonl")),
        };
        result.Save(ExperimentResult.PathOf(plan.Results, run));
        return result;
    }

    private bool IsStart(PlannedRun run) => plan.Runs.Any(r => r.Start == run && !File.Exists(ExperimentResult.PathOf(plan.Results, r)));

    private static string Log(PlannedRun run) => run.Folder + ".log";

    /// <summary>Time spent on a run is kept beside it, because a sweep may be interrupted many times.</summary>
    private static void AddSeconds(PlannedRun run, double seconds)
    {
        if (!Directory.Exists(run.Folder)) return;
        AtomicFile.WriteAllText(SecondsFile(run), FormattableString.Invariant($"{ReadSeconds(run) + seconds:F3}\n"));
    }

    private static double ReadSeconds(PlannedRun run) =>
        File.Exists(SecondsFile(run)) && double.TryParse(File.ReadAllText(SecondsFile(run)), System.Globalization.CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    private static string SecondsFile(PlannedRun run) => Path.Combine(run.Folder, "sweep", "seconds.txt");
}
