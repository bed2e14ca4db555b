using AgentRL.Archive.Index;

namespace AgentRL.Inspector.Views;

/// <summary>A page of the list of episodes, or of groups.</summary>
public sealed record EpisodeListModel(EpisodeFilter Filter, EpisodePage Page, GroupPage? Groups, long InArchive)
{
    /// <summary>The entries of each group shown, by sample.</summary>
    public IReadOnlyList<IReadOnlyList<EpisodeEntry>> Samples { get; init; } = [];

    public int Total => Groups?.Total ?? Page.Total;

    public int Shown => Groups?.Groups.Count ?? Page.Entries.Count;

    public int Pages => Math.Max(1, (Total + Filter.PageSize - 1) / Filter.PageSize);

    public bool IsSearch => Filter.Query.Text is not null;

    public string? Previous => Filter.PageNumber > 1 && !IsSearch ? Filter.With(("page", Number(Filter.PageNumber - 1))) : null;

    public string? Next => IsSearch
        ? Page.SearchOn is { } on ? Filter.With(("search", Number(on))) : null
        : Filter.PageNumber < Pages ? Filter.With(("page", Number(Filter.PageNumber + 1))) : null;

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
