using System.Text;

namespace AgentRL.Training.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="File">The file as it was named, or <c>--set</c>.</param>
/// <param name="Line">1-based line in the file, or the ordinal of the <c>--set</c>; 0 where the file cannot be read at all.</param>
/// <param name="Column">1-based column, where known.</param>
/// <param name="Key">The setting, for example <c>environment.tasks[0].name</c>; empty for the whole file.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Expected">What would be right; empty where the problem says it.</param>
/// <param name="Nearest">The valid name nearest to the one given, where one is near.</param>
public sealed record ConfigurationFault(string File, int Line, int? Column, string Key, string Problem, string Expected, string? Nearest)
{
    /// <summary><c>file:line: key: problem; expected …; did you mean …?</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder(File);
        if (Line > 0) text.Append(':').Append(Line);
        text.Append(": ");
        if (Key.Length > 0) text.Append(Key).Append(": ");
        text.Append(Problem);
        if (Expected.Length > 0) text.Append("; expected ").Append(Expected);
        if (Nearest is not null) text.Append("; did you mean ").Append(Nearest).Append('?');
        return text.ToString();
    }
}

/// <summary>A configuration that cannot be used, with everything that is wrong with it.</summary>
/// <param name="faults">All faults, in the order of the file.</param>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : BadInputException(string.Join(Environment.NewLine, faults))
{
    /// <summary>All faults, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
