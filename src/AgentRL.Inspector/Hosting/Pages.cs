using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Episodes;
using AgentRL.Inspector.Components;
using AgentRL.Inspector.Runs;
using AgentRL.Inspector.Views;
using Microsoft.AspNetCore.Http;

namespace AgentRL.Inspector.Hosting;

/// <summary>The pages: what each shows for an address.</summary>
internal sealed class Pages(InspectedRun run)
{
    private const int LargestGroup = 64;

    public Task<Page> OverviewAsync(IReadOnlyDictionary<string, string> query)
    {
        var model = new OverviewModel(run.Metrics.Update(), Sweep.Of(run.Root), run.Index?.Count);
        return Show<OverviewPage>(Info("Overview", "overview") with { IsLive = true }, ("Model", model));
    }

    public Task<Page> EpisodesAsync(IReadOnlyDictionary<string, string> query)
    {
        var filter = new EpisodeFilter(query);
        if (run.Index is not { } index) return Message("Episodes", "There are no episodes to show.", StatusCodes.Status200OK);
        return Show<EpisodesPage>(Info("Episodes", "episodes") with { IsLive = true }, ("Model", List(index, filter)));
    }

    public Task<Page> EpisodeAsync(IReadOnlyDictionary<string, string> query)
    {
        var wanted = query.GetValueOrDefault("key", "");
        if (Links.ParseKey(wanted) is not { } key) return Missing("No such episode", $"'{wanted}' names no episode; write phase/step/group/sample, for example train/12/3/0.");
        var entries = run.Index?.Group(key.Phase, key.Step, key.Group) ?? [];
        if (entries.LastOrDefault(e => e.Key == key) is not { } entry) return Missing("No such episode", $"The archive holds no episode {key}.");
        var model = new EpisodeModel(run.Read(entry), run.Text, run.Options.Context)
        {
            Colour = TokenColours.Parse(query.GetValueOrDefault("tokens")),
            Siblings = Newest(entries),
        };
        return Show<SingleEpisodePage>(Info(key.ToString(), "episodes"), ("Model", model));
    }

    public Task<Page> GroupAsync(IReadOnlyDictionary<string, string> query)
    {
        var name = $"{query.GetValueOrDefault("phase", "")}/{query.GetValueOrDefault("step", "")}/{query.GetValueOrDefault("group", "")}";
        var entries = Links.ParseKey(name + "/0") is { } key ? Newest(run.Index?.Group(key.Phase, key.Step, key.Group) ?? []) : [];
        if (entries.Count == 0) return Missing("No such group", $"The archive holds no group {name}.");
        var highest = entries.Max(e => e.PeakWorkingContext); // one scale for all
        var samples = entries.Take(LargestGroup).Select(e => new EpisodeModel(run.Read(e), run.Text, run.Options.Context, highest)).ToList();
        return Show<SideBySidePage>(Info($"Group {name}", "episodes"), ("Samples", samples));
    }

    public Task<Page> MemoryAsync(IReadOnlyDictionary<string, string> query)
    {
        var filter = new EpisodeFilter(query, pageSize: 12);
        if (run.Index is not { } index) return Message("Memory", "There are no episodes to show.", StatusCodes.Status200OK);
        var page = index.Page(filter.Query with { RoundsFrom = filter.Query.RoundsFrom ?? 1, Text = null });
        var episodes = page.Entries.Select(e => new EpisodeModel(run.Read(e), run.Text, run.Options.Context)).ToList();
        var rates = query.GetValueOrDefault("rates") == "yes" ? run.Rates() : null;
        return Show<MemoryPage>(Info("Memory", "memory"), ("List", new EpisodeListModel(filter, page, null, index.Count)), ("Episodes", episodes), ("Rates", rates));
    }

    public Task<Page> MetricsAsync(IReadOnlyDictionary<string, string> query)
    {
        var (phase, name) = (query.GetValueOrDefault("phase", ""), query.GetValueOrDefault("name", ""));
        var info = Info(name.Length > 0 ? name : "Metrics", "metrics") with { IsLive = true };
        return Show<MetricsPage>(info, ("Rows", run.Metrics.Update()), ("Phase", phase), ("Name", name));
    }

    public Task<Page> MissingAsync() => Missing("No such page", "There is nothing at this address.");

    /// <summary>What is said where an episode turns out to be unreadable.</summary>
    public Task<Page> DamagedAsync(ArchiveException fault) => Message(
        "This cannot be read", $"The archive is damaged at {Path.GetFileName(fault.File)}, offset {fault.Offset}: {fault.Fault}", StatusCodes.Status500InternalServerError);

    private static EpisodeListModel List(ArchiveIndex index, EpisodeFilter filter)
    {
        if (!filter.IsGroups || filter.Query.Text is not null) return new EpisodeListModel(filter, index.Page(filter.Query), null, index.Count);
        var groups = index.Groups(filter.Query);
        return new EpisodeListModel(filter, new Archive.Index.EpisodePage([], 0), groups, index.Count)
        {
            Samples = [.. groups.Groups.Select(g => Newest(index.Group(g.Phase, g.Step, g.Number)))],
        };
    }

    /// <summary>One entry a sample, the newest, by sample.</summary>
    private static IReadOnlyList<EpisodeEntry> Newest(IReadOnlyList<EpisodeEntry> entries) =>
        [.. entries.GroupBy(e => e.Key.Sample).OrderBy(g => g.Key).Select(g => g.Last())];

    private PageInfo Info(string title, string section) => new()
    {
        Run = run.Name,
        Title = title,
        Section = section,
        Notices = run.Notices,
        Stamp = run.Stamp,
        IsFinished = run.IsFinished,
    };

    private Task<Page> Missing(string title, string message) => Message(title, message, StatusCodes.Status404NotFound);

    private Task<Page> Message(string title, string message, int status) => Show<MessagePage>(Info(title, ""), status, ("Message", message));

    private static Task<Page> Show<T>(PageInfo info, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : Microsoft.AspNetCore.Components.IComponent => Show<T>(info, StatusCodes.Status200OK, parameters);

    private static Task<Page> Show<T>(PageInfo info, int status, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        var all = new Dictionary<string, object?> { ["Page"] = info };
        foreach (var (name, value) in parameters) all[name] = value;
        return RenderAsync();

        async Task<Page> RenderAsync() => new(status, await PageRenderer.RenderAsync<T>(all));
    }
}

/// <summary>A page as it is sent.</summary>
internal sealed record Page(int Status, string Html);
