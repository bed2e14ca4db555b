namespace AgentRL.Training.Reporting;

/// <summary>Shows nothing.</summary>
public sealed class SilentReporter : IRunReporter
{
    /// <summary>The one instance that is needed.</summary>
    public static SilentReporter Instance { get; } = new();

    /// <inheritdoc/>
    public void Stage(string name, int totalSteps, int firstStep = 0)
    {
    }

    /// <inheritdoc/>
    public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights)
    {
    }

    /// <inheritdoc/>
    public void Message(string text)
    {
    }

    /// <inheritdoc/>
    public void Summary(RunSummary summary)
    {
    }
}
