using AgentRL.Training.Reporting;

namespace AgentRL.Training.Tests.Support;

/// <summary>
/// Presses Ctrl-C when a step of a stage has been reported, or a message that begins like it; step 0 is the stage's beginning. Or lets the program
/// crash there, as a kill would: without any farewell.
/// </summary>
internal sealed class InterruptingReporter(string stage, int step, bool crash = false) : IRunReporter, IDisposable
{
    private readonly CancellationTokenSource source = new();
    private string now = "";

    public CancellationToken Token => source.Token;

    public void Stage(string name, int totalSteps, int firstStep = 0)
    {
        now = name;
        Step(firstStep == 0 ? 0 : -1, []);
    }

    public void Step(int done, IReadOnlyList<(string Name, double Value)> highlights)
    {
        if (now == stage && done == step) Interrupt();
    }

    public void Message(string text)
    {
        if (text.StartsWith(stage, StringComparison.Ordinal)) Interrupt();
    }

    public void Summary(RunSummary summary)
    {
    }

    public void Dispose() => source.Dispose();

    private void Interrupt()
    {
        if (crash) throw new CrashException();
        source.Cancel();
    }
}

/// <summary>What a test lets go wrong.</summary>
internal sealed class CrashException : Exception;
