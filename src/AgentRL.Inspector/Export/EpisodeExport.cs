using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Episodes;
using AgentRL.Inspector.Components;
using AgentRL.Inspector.Hosting;
using AgentRL.Inspector.Runs;
using AgentRL.Inspector.Views;

namespace AgentRL.Inspector.Export;

/// <summary>Episodes as one page that needs nothing else: no server, no network, no other file.</summary>
public static class EpisodeExport
{
    /// <summary>Makes the page.</summary>
    /// <param name="options">The run.</param>
    /// <param name="selection">Which episodes.</param>
    /// <returns>The page, and how many episodes it holds; of how many that fit.</returns>
    /// <exception cref="ArchiveException">There is no archive, or an episode cannot be read.</exception>
    public static async Task<(string Html, int Episodes, int Total)> RenderAsync(InspectorOptions options, EpisodeSelection selection)
    {
        using var run = new InspectedRun(options);
        if (run.Index is not { } index) throw new ArchiveException(Path.Combine(options.Run, "archive"), 0, string.Join("; ", run.Notices));
        var page = selection.Episode is null ? index.Page(selection.Query)
            : index.Find(selection.Episode) is { } found ? new EpisodePage([found], 1)
            : new EpisodePage([], 0);
        var models = page.Entries.Select((entry, i) => new EpisodeModel(run.Read(entry), run.Text, options.Context)
        {
            IsExport = true,
            Prefix = $"e{i + 1}-",
            Colour = selection.WithTokens ? TokenColour.Kind : TokenColour.None,
        }).ToList();
        var title = models.Count == 1 ? page.Entries[0].Key.ToString() : $"{models.Count} episodes";
        var info = new PageInfo { Run = run.Name, Title = title, IsExport = true, Notices = run.Notices };
        var html = await PageRenderer.RenderAsync<ExportPage>(new Dictionary<string, object?>
        {
            ["Page"] = info,
            ["Episodes"] = models,
            ["Entries"] = page.Entries,
            ["Selection"] = selection.Words,
        });
        return (html, models.Count, page.Total);
    }
}

/// <summary>Which episodes to export, and how.</summary>
/// <param name="Query">Those that fit.</param>
/// <param name="Words">The same in words, for the reader; may be empty.</param>
/// <param name="Episode">This one instead.</param>
/// <param name="WithTokens">Whether tokens are shown, coloured by kind, instead of the conversation.</param>
public sealed record EpisodeSelection(EpisodeQuery Query, string Words = "", EpisodeKey? Episode = null, bool WithTokens = false);
