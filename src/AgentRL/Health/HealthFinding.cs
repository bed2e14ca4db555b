namespace AgentRL.Health;

/// <summary>What a detector found among a step's episodes.</summary>
/// <param name="Name">Lower case; metrics have it behind <c>health/</c>.</param>
/// <param name="Cases">How often it holds.</param>
/// <param name="Of">Out of how many.</param>
/// <param name="Warning">What is wrong and what to look at; null where the cases are no reason to worry.</param>
public sealed record HealthFinding(string Name, int Cases, int Of, string? Warning)
{
    /// <summary>A finding that warns from a share on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cases">How often it holds.</param>
    /// <param name="of">Out of how many.</param>
    /// <param name="from">The warning begins above this share.</param>
    /// <param name="what">What the cases are, behind <c>N of M</c>.</param>
    /// <param name="lookAt">What to look at.</param>
    internal static HealthFinding From(string name, int cases, int of, double from, string what, string lookAt) =>
        new(name, cases, of, cases > from * of ? $"{cases} of {of} {what}; look at {lookAt}" : null);
}
