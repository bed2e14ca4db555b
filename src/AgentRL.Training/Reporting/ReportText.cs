using System.Globalization;

namespace AgentRL.Training.Reporting;

/// <summary>Short texts of times and numbers, as progress lines show them.</summary>
public static class ReportText
{
    /// <summary>A duration: <c>0.8 s</c>, <c>42 s</c>, <c>3:05</c>, <c>1:02:05</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time.TotalSeconds < 9.95) return time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
        var seconds = (long)Math.Round(time.TotalSeconds);
        if (seconds < 60) return $"{seconds} s";
        return seconds < 3600 ? $"{seconds / 60}:{seconds % 60:00}" : $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}";
    }

    /// <summary>A number in four significant digits at most.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) is >= 1e5 or (< 1e-3 and > 0) ? "0.00e+0" : Math.Abs(value) >= 100 ? "0" : "0.###", CultureInfo.InvariantCulture);

    /// <summary>A share of 1 in per cent.</summary>
    public static string Share(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Names and numbers in one line.</summary>
    public static string Highlights(IReadOnlyList<(string Name, double Value)> highlights) =>
        string.Join("  ", highlights.Select(h => $"{h.Name} {Number(h.Value)}"));
}
