namespace AgentRL.Training.Reporting;

/// <summary>Lets several threads report, one at a time: episodes finish on threads of their own, and a watchdog speaks up while all others stand still.</summary>
internal sealed class LockedReporter(IRunReporter reporter) : IRunReporter
{
    private readonly Lock gate = new();

    public void Stage(string name, int totalSteps, int firstStep = 0)
    {
        lock (gate) reporter.Stage(name, totalSteps, firstStep);
    }

    public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights)
    {
        lock (gate) reporter.Step(step, highlights);
    }

    public void Message(string text)
    {
        lock (gate) reporter.Message(text);
    }

    public void Summary(RunSummary summary)
    {
        lock (gate) reporter.Summary(summary);
    }
}
