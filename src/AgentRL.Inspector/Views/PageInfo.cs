namespace AgentRL.Inspector.Views;

/// <summary>What every part of a page knows of the page.</summary>
public sealed record PageInfo
{
    /// <summary>The run's name.</summary>
    public required string Run { get; init; }

    /// <summary>The page's title.</summary>
    public required string Title { get; init; }

    /// <summary>Which entry of the navigation it belongs to.</summary>
    public string Section { get; init; } = "";

    /// <summary>What is wrong with the run's files, in words.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Whether the page stands alone in a file: nothing to link to but itself.</summary>
    public bool IsExport { get; init; }

    /// <summary>What changes whenever the run's files do; pages that live ask for it.</summary>
    public string Stamp { get; init; } = "";

    /// <summary>Whether training has ended.</summary>
    public bool IsFinished { get; init; }

    /// <summary>Whether the page shows what changes while training goes on.</summary>
    public bool IsLive { get; init; }
}
