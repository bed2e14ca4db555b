using AgentRL.Training.Reporting;

namespace AgentRL.Training.Tests.Support;

/// <summary>Keeps the messages.</summary>
internal sealed class ListeningReporter : IRunReporter
{
    public List<string> Messages { get; } = [];

    public void Stage(string name, int totalSteps, int firstStep = 0)
    {
    }

    public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights)
    {
    }

    public void Message(string text)
    {
        lock (Messages) Messages.Add(text);
    }

    public void Summary(RunSummary summary)
    {
    }
}
