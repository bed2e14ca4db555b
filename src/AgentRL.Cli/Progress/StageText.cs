using AgentRL.Training.Reporting;

namespace AgentRL.Cli.Progress;

/// <summary>Where a stage stands, in one line: steps, speed, time left, highlights.</summary>
internal static class StageText
{
    public static string Of(int step, int total, StageClock clock, IReadOnlyList<(string Name, double Value)> highlights)
    {
        var parts = new List<string> { total > 0 ? $"{step}/{total}" : $"{step}" };
        if (clock.SecondsPerStep(step) is { } seconds) parts.Add($"{ReportText.Number(seconds)} s/step");
        if (step == total) parts.Add($"took {ReportText.Duration(clock.Elapsed)}");
        else if (clock.Remaining(step) is { } left) parts.Add($"{ReportText.Duration(left)} left");
        if (highlights.Count > 0) parts.Add(ReportText.Highlights(highlights));
        return string.Join("  ", parts);
    }
}
