using AgentRL.Training.Loop;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Reporting;

/// <summary>Shows a person what a run does. Called from one thread at a time.</summary>
public interface IRunReporter
{
    /// <summary>A stage begins.</summary>
    /// <param name="name">For example <c>warm start</c>.</param>
    /// <param name="totalSteps">Its steps.</param>
    /// <param name="alreadyDone">Steps done in an earlier sitting.</param>
    void Stage(string name, int totalSteps, int alreadyDone);

    /// <summary>A step of the stage is done.</summary>
    /// <param name="step">Steps done so far.</param>
    /// <param name="highlights">The few numbers worth showing; may be empty.</param>
    void Step(int step, IReadOnlyList<(string Name, double Value)> highlights);

    /// <summary>One line worth knowing.</summary>
    void Message(string text);

    /// <summary>The run is over.</summary>
    void Summary(RunDirectory run, RunSummary summary);
}
