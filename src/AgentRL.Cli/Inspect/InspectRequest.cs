using AgentRL.Archive.Index;
using AgentRL.Episodes;

namespace AgentRL.Cli.Inspect;

/// <summary>What to show.</summary>
internal sealed record InspectRequest
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>Which episodes to list.</summary>
    public EpisodeQuery Query { get; init; } = new() { Limit = 20 };

    /// <summary>The same as it was written on the command line.</summary>
    public string Selection { get; init; } = "";

    /// <summary>Show this one episode instead of a list.</summary>
    public EpisodeKey? Episode { get; init; }

    /// <summary>Show each token.</summary>
    public bool Tokens { get; init; }

    /// <summary>Show what the memory did: of the episode, or rates of all that fit.</summary>
    public bool Lineage { get; init; }

    /// <summary>With rates: how many stretches training is cut into.</summary>
    public int Parts { get; init; } = 4;

    /// <summary>Write JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Leave out what is damaged, and say so.</summary>
    public bool SkipDamaged { get; init; }

    /// <summary>Reads <c>train/12/3/0</c>; the phase may hold slashes itself.</summary>
    public static EpisodeKey ParseKey(string text, string argument = "--episode")
    {
        var parts = text.Split('/');
        if (parts.Length >= 4 && int.TryParse(parts[^3], out var step) && int.TryParse(parts[^2], out var group) && int.TryParse(parts[^1], out var sample))
            return new EpisodeKey(string.Join('/', parts[..^3]), step, group, sample);
        throw new UsageException($"{argument}: '{text}' names no episode; write phase/step/group/sample, for example train/12/3/0");
    }

    /// <summary>Reads an outcome's name, case and hyphens ignored.</summary>
    public static Outcome? ParseOutcome(string? text)
    {
        if (text is null) return null;
        var name = text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        foreach (var outcome in Enum.GetValues<Outcome>())
            if (string.Equals(outcome.ToString(), name, StringComparison.OrdinalIgnoreCase)) return outcome;
        throw new UsageException($"--outcome: '{text}' is no outcome; known are {string.Join(", ", Enum.GetNames<Outcome>())}");
    }
}
