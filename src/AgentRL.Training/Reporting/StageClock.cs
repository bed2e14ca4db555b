namespace AgentRL.Training.Reporting;

/// <summary>Speed and time left of a stage: from its own beginning, because stages differ in what a step costs.</summary>
/// <param name="time">The clock.</param>
/// <param name="totalSteps">Steps of the stage; 0 where not known.</param>
/// <param name="firstStep">Steps already done when the clock started.</param>
public sealed class StageClock(TimeProvider time, int totalSteps, int firstStep = 0)
{
    private readonly long start = time.GetTimestamp();

    /// <summary>Time since the stage began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(start);

    /// <summary>Seconds a step, or null before the first one is done.</summary>
    public double? SecondsPerStep(int step) => step > firstStep ? Elapsed.TotalSeconds / (step - firstStep) : null;

    /// <summary>Time left, or null where it cannot be told.</summary>
    public TimeSpan? Remaining(int step) =>
        totalSteps > 0 && SecondsPerStep(step) is { } seconds ? TimeSpan.FromSeconds(seconds * Math.Max(0, totalSteps - step)) : null;
}
