namespace AgentRL.Training.Reporting;

/// <summary>
/// Shows long work while it runs. Work is a sequence of stages; a stage is a number of steps. Called from one thread; must be cheap, since
/// it is called at every step.
/// </summary>
public interface IRunReporter
{
    /// <summary>A stage begins, and the one before it has ended.</summary>
    /// <param name="name">What is done, for example <c>warm start</c>.</param>
    /// <param name="totalSteps">Its steps; 0 where they are not known.</param>
    /// <param name="firstStep">Steps already done, where a run is resumed in the middle of a stage.</param>
    void Stage(string name, int totalSteps, int firstStep = 0);

    /// <summary>Steps of the stage are done.</summary>
    /// <param name="step">How many, from the stage's beginning.</param>
    /// <param name="highlights">The few numbers worth seeing at each step, the most telling first; shares in [0, 1].</param>
    void Step(int step, IReadOnlyList<(string Name, double Value)> highlights);

    /// <summary>Something worth a line: an evaluation's result, a checkpoint, a warning.</summary>
    void Message(string text);

    /// <summary>The work is over.</summary>
    void Summary(RunSummary summary);
}

/// <summary>What is shown when a run is over.</summary>
/// <param name="Facts">Name and value, for example success before and after.</param>
/// <param name="Sweep">The evaluation's table, where there is one.</param>
/// <param name="Files">Paths of what the run leaves, for example plots.</param>
public sealed record RunSummary(IReadOnlyList<(string Name, string Value)> Facts, ReportTable? Sweep, IReadOnlyList<string> Files);

/// <summary>A table of texts.</summary>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells, as many a row as there are columns.</param>
public sealed record ReportTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
