namespace AgentRL.Cli.Inspect;

/// <summary>What a line of output is; a terminal gives each a colour.</summary>
internal enum LineStyle
{
    Plain,
    Heading,
    Faint,
    Policy,
    Observation,
    Summary,
    Memory,
    Discarded,
}

/// <summary>A line of output.</summary>
/// <param name="Style">What it is.</param>
/// <param name="Text">Its text; holds no control characters other than tabs.</param>
internal readonly record struct Line(LineStyle Style, string Text);
