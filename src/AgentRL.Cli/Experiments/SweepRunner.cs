using AgentRL.Training;
using AgentRL.Training.Configuration;
using AgentRL.Training.Experiments;
using AgentRL.Training.Reporting;

namespace AgentRL.Cli.Experiments;

/// <summary>Does what <see cref="SweepCommand"/> was asked for: several runs at once, each when the one that it begins from is done.</summary>
internal sealed class SweepRunner
{
    private readonly CliContext context;
    private readonly ExperimentPlan plan;
    private readonly ExperimentOptions options;
    private readonly SweepRequest request;
    private readonly RunExecutor executor;
    private readonly int parallel;
    private readonly List<(PlannedRun Run, string Why)> failed = [];
    private readonly List<RunState> running = [];
    private readonly List<double> took = [];
    private int done;
    private int total;

    public SweepRunner(SweepRequest request, ExperimentOptions options, CliContext context, ISweepChildren children)
    {
        this.request = request;
        this.options = options;
        this.context = context;
        plan = ExperimentPlan.Of(request.File, options, request.Runs, request.Smoke);
        executor = new RunExecutor(plan, request, children, context);
        parallel = request.Parallel ?? (options.Parallel > 0 ? options.Parallel : Math.Max(1, Environment.ProcessorCount / options.Threads));
    }

    /// <summary>Makes all runs that are not done.</summary>
    /// <returns>The exit code: failed where any run did.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var wanted = Wanted();
        var waiting = new List<PlannedRun>();
        foreach (var run in wanted)
        {
            if (executor.IsDone(run, out var other)) done++;
            else waiting.Add(run);
            if (other is not null) context.Out.WriteLine($"{run.Name}: {other}; it is made again");
        }
        total = wanted.Count;
        context.Out.WriteLine($"{plan.Name}{(request.Smoke ? ", small" : "")}: {total} runs, {done} of them done; {parallel} at once");
        using var view = new SweepView(context, Text);
        var tasks = new List<(RunState State, Task<RunEnd> Task)>();
        while (waiting.Count > 0 || tasks.Count > 0)
        {
            while (!cancellationToken.IsCancellationRequested && tasks.Count < parallel && Next(waiting, tasks) is { } next)
            {
                waiting.Remove(next);
                var state = new RunState(next, context.Time);
                lock (running) running.Add(state);
                tasks.Add((state, executor.RunAsync(state, options.Retries, view.Line, cancellationToken)));
            }
            if (tasks.Count == 0) break;
            var ended = await Task.WhenAny(tasks.Select(t => t.Task));
            var (ranState, ran) = tasks.Single(t => t.Task == ended);
            tasks.RemoveAll(t => t.Task == ended);
            lock (running) running.Remove(ranState);
            Note(ranState, await ran, view);
        }
        return Conclude(waiting, cancellationToken);
    }

    /// <summary>The runs asked for, with those that they begin from.</summary>
    private List<PlannedRun> Wanted()
    {
        foreach (var name in request.Only.Where(o => options.Arms.All(a => a.Name != o)))
        {
            var nearest = NearestName.Find(name, options.Arms.Select(a => a.Name)) is { } near ? $"; did you mean {near}?" : "";
            throw new BadInputException($"--only: no arm is named '{name}'; expected one of {string.Join(", ", options.Arms.Select(a => a.Name))}{nearest}");
        }
        var wanted = plan.Runs.Where(r => request.Only.Count == 0 || request.Only.Contains(r.Arm.Name)).ToHashSet();
        foreach (var run in wanted.ToList())
        {
            for (var start = run.Start; start is not null; start = start.Start) wanted.Add(start);
        }
        return [.. plan.Runs.Where(wanted.Contains)];
    }

    /// <summary>The next run that can begin. Runs whose start failed leave the list as failures of their own.</summary>
    private PlannedRun? Next(List<PlannedRun> waiting, List<(RunState State, Task<RunEnd> Task)> tasks)
    {
        while (waiting.FirstOrDefault(r => failed.Any(f => f.Run == r.Start)) is { } lost)
        {
            waiting.Remove(lost);
            failed.Add((lost, $"not begun, because {lost.Start!.Name} failed"));
        }
        return waiting.FirstOrDefault(r => r.Start is null || (!waiting.Contains(r.Start) && tasks.All(t => t.State.Run != r.Start)));
    }

    private void Note(RunState state, RunEnd end, SweepView view)
    {
        if (end.Failure is { } why)
        {
            failed.Add((state.Run, why));
            view.Line($"{state.Run.Name}: {why}");
        }
        else if (end.Result is { } result)
        {
            done++;
            lock (running) took.Add(state.Elapsed.TotalSeconds);
            var success = result.Summary.Success is { } s ? $", success {ReportText.Share(s)}" : "";
            view.Line($"{state.Run.Name}: done in {ReportText.Duration(state.Elapsed)}{success}; {done} of {total} done{Left()}");
        }
    }

    private int Conclude(List<PlannedRun> waiting, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            context.Out.WriteLine($"Interrupted; saved. {done} of {total} runs are done. The same command goes on.");
            return ExitCode.Interrupted;
        }
        context.Out.WriteLine($"{done} of {total} runs are done; results in {Path.GetRelativePath(Environment.CurrentDirectory, plan.Results)}");
        foreach (var (run, why) in failed) context.Error.WriteLine($"failed: {run.Name}: {why}");
        return failed.Count + waiting.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>How long it will take, from what runs of this sitting took.</summary>
    private string Left()
    {
        lock (running)
        {
            var (open, mean) = (total - done - failed.Count, took.Count == 0 ? 0 : took.Average());
            if (open <= 0 || took.Count == 0) return "";
            var begun = running.Sum(r => Math.Min(mean, r.Elapsed.TotalSeconds));
            return $", about {ReportText.Duration(TimeSpan.FromSeconds(Math.Max(0, (open * mean) - begun) / Math.Min(parallel, open)))} left";
        }
    }

    private IReadOnlyList<string> Text()
    {
        lock (running)
        {
            return [$"{done} of {total} runs done{(failed.Count > 0 ? $", {failed.Count} failed" : "")}{Left()}", .. running.Select(r => $"  {r.Run.Name}  {ReportText.Duration(r.Elapsed)}  {r.Line}")];
        }
    }
}
