using System.Text.RegularExpressions;
using AgentRL.Archive.Index;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Inspector.Export;
using AgentRL.Inspector.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentRL.Inspector.Tests.Browser;

/// <summary>What a person does with it, in a real browser.</summary>
[Trait("Category", "Browser")]
public sealed class InspectorInBrowserTests(Chromium chromium) : IClassFixture<Chromium>
{
    [BrowserFact]
    public async Task The_overview_opens_with_its_charts_and_leads_to_numbers()
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address);
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
        var chart = tab.Page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Entropy.*highest 1 at 1") });
        await Expect(chart).ToBeVisibleAsync();
        await chart.HoverAsync();
        await Expect(tab.Page.Locator("#chart-entropy--nats .readout")).ToContainTextAsync(new Regex(@"^\d+: 0\.\d+"));
        await tab.Page.Locator("#chart-entropy--nats a.key").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Row, new() { Name = "4 0.25" })).ToBeVisibleAsync();
        Assert.All(tab.Requests, r => Assert.StartsWith(host.Address, r, StringComparison.Ordinal));
        Assert.Empty(tab.Faults);
    }

    [BrowserFact]
    public async Task Filtering_narrows_the_list_and_stands_in_the_address()
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address + "/episodes");
        await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(50);
        await tab.Page.Keyboard.PressAsync("/");
        await tab.Page.Keyboard.TypeAsync("red door");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(tab.Page).ToHaveURLAsync(new Regex("text=red"));
        await tab.Page.GotoAsync(host.Address + "/episodes");
        await tab.Page.GetByLabel("step", new() { Exact = true }).FillAsync("2");
        await tab.Page.GetByLabel("solved").SelectOptionAsync("yes");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();
        await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(3);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "reward" }).ClickAsync();
        await Expect(tab.Page.Locator("th[aria-sort=descending]")).ToHaveTextAsync("reward");
        await Expect(tab.Page.GetByLabel("step", new() { Exact = true })).ToHaveValueAsync("2");
        await tab.Page.Keyboard.PressAsync("j");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page).ToHaveURLAsync(new Regex("/episode\\?key=train/2/3/"));
        Assert.Empty(tab.Faults);
    }

    [BrowserFact]
    public async Task An_episode_with_a_summary_is_walked_through_by_keys()
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address + "/episode?key=train/2/3/0");
        await Expect(tab.Page.Locator(".turn.discarded")).ToContainTextAsync("the context left it out");
        await Expect(tab.Page.GetByRole(AriaRole.Group, new() { Name = "Compression 1" })).ToContainTextAsync("best 7");
        await tab.Page.Keyboard.PressAsync("j");
        await tab.Page.Keyboard.PressAsync("j");
        await tab.Page.Keyboard.PressAsync("ArrowRight");
        await tab.Page.Keyboard.PressAsync("k");
        await Expect(tab.Page.Locator("#turn-1")).ToBeFocusedAsync();
        await Expect(tab.Page).ToHaveURLAsync(new Regex("#turn-1$"));
        await tab.Page.ReloadAsync();
        await Expect(tab.Page.Locator("#turn-1")).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("]");
        await Expect(tab.Page).ToHaveURLAsync(new Regex("key=train/2/3/1"));
        Assert.Empty(tab.Faults);
    }

    [BrowserFact]
    public async Task Tokens_are_shown_on_demand_with_a_legend_and_values()
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address + "/episode?key=train/2/3/0");
        await Expect(tab.Page.Locator(".token")).ToHaveCountAsync(0);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "log-probability" }).ClickAsync();
        await Expect(tab.Page.Locator(".legend .token.lp-2")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#turn-0 .token").Nth(2)).ToContainTextAsync("-0.25");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "loss mask" }).ClickAsync();
        await Expect(tab.Page.Locator("#turn-0 .token.mask-1")).ToHaveCountAsync(5);
        await Expect(tab.Page.Locator("#turn-1 .token.mask-1")).ToHaveCountAsync(0); // discarded
        Assert.Empty(tab.Faults);
    }

    [BrowserFact]
    public async Task A_memory_block_leads_to_the_turns_that_wrote_read_and_used_it()
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address + "/episode?key=train/8/0/1");
        await tab.Page.Locator("#turn-1 .effects a").First.ClickAsync();
        await Expect(tab.Page).ToHaveURLAsync(new Regex("#block-2$"));
        await Expect(tab.Page.Locator("#block-2")).ToBeInViewportAsync();
        await tab.Page.Locator("#block-2 .read a").Nth(1).ClickAsync();
        await Expect(tab.Page.Locator("#turn-4")).ToBeFocusedAsync();
        await Expect(tab.Page.Locator("#turn-4 .effects")).ToContainTextAsync("used");
        await tab.Page.GotoAsync(host.Address + "/memory");
        await Expect(tab.Page.Locator("table.blocks")).Not.ToHaveCountAsync(0);
        Assert.Empty(tab.Faults);
    }

    [BrowserFact]
    public async Task Pages_follow_a_run_that_goes_on()
    {
        await using var host = await Host.StartAsync();
        await using var overview = await Tab.OpenAsync(chromium, host.Address);
        await using var list = await Tab.OpenAsync(chromium, host.Address + "/episodes");
        await Expect(overview.Page.Locator(".facts.big")).ToContainTextAsync("12");
        await Expect(list.Page.Locator(".live")).ToBeVisibleAsync();
        host.Run.AddStep(13);
        host.Run.Append([Example.Episode(step: 13)]);
        await Expect(overview.Page.Locator(".facts.big")).ToContainTextAsync("13", new() { Timeout = 15_000 });
        await Expect(overview.Page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Entropy.*at step 13") })).ToBeVisibleAsync();
        await list.Page.GetByRole(AriaRole.Button, new() { Name = "Show new episodes" }).ClickAsync(new() { Timeout = 15_000 });
        await Expect(list.Page.Locator("tbody tr").First).ToContainTextAsync("train/13/3/0");
        Assert.Empty(overview.Faults);
        Assert.Empty(list.Faults);
    }

    [BrowserFact]
    public async Task An_exported_page_works_from_disk_without_anything_else()
    {
        using var run = TestRun.Whole();
        var (html, _, _) = await EpisodeExport.RenderAsync(run.Options, new EpisodeSelection(new EpisodeQuery { Limit = 6 }));
        File.WriteAllText(run.Path("export.html"), html);
        await using var tab = await Tab.OpenAsync(chromium, new Uri(run.Path("export.html")).AbsoluteUri);
        await Expect(tab.Page.Locator("article.episode")).ToHaveCountAsync(6);
        await tab.Page.Locator("tbody th a").Nth(2).ClickAsync();
        await Expect(tab.Page.Locator("#e3-episode")).ToBeInViewportAsync();
        var before = await tab.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        await tab.Page.Keyboard.PressAsync("t");
        await tab.Page.Keyboard.PressAsync("t");
        await Expect(tab.Page.Locator("#theme-button")).ToContainTextAsync("dark");
        Assert.NotEqual(before, await tab.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.All(tab.Requests, r => Assert.StartsWith("file:", r, StringComparison.Ordinal));
        Assert.Null(await tab.Page.EvaluateAsync<int?>("window.owned ?? null"));
        Assert.Empty(tab.Faults);
    }

    [BrowserFact]
    public async Task Hostile_texts_are_shown_and_never_run()
    {
        await using var host = await Host.StartAsync();
        var key = "/episode?key=" + Uri.EscapeDataString(Hostile.Key.ToString());
        string[] addresses =
        [
            key, key + "&tokens=kind", "/episodes", "/memory", "/episodes?text=" + Uri.EscapeDataString(Hostile.Image),
            $"/group?phase={Uri.EscapeDataString(Hostile.Key.Phase)}&step=3&group=1",
        ];
        foreach (var address in addresses)
        {
            await using var tab = await Tab.OpenAsync(chromium, host.Address + address);
            await tab.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d => { d.open = true; })");
            Assert.Null(await tab.Page.EvaluateAsync<int?>("window.owned ?? null"));
            Assert.Equal(0, await tab.Page.Locator("img, iframe, main script, main style").CountAsync());
            Assert.All(tab.Requests, r => Assert.StartsWith(host.Address, r, StringComparison.Ordinal));
            Assert.Empty(tab.Faults);
            if (address == key) await Expect(tab.Page.Locator("#turn-0 .said").First).ToContainTextAsync(Hostile.Script);
        }
    }

    [BrowserTheory]
    [InlineData(400)]
    [InlineData(1280)]
    public async Task No_page_is_wider_than_the_window(int width)
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address, width);
        foreach (var address in Host.Pages)
        {
            await tab.Page.GotoAsync(host.Address + address);
            var excess = await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(excess <= 0, $"{address} is {excess} pixels wider than a window of {width}");
        }
    }

    [BrowserFact]
    public async Task Keys_can_be_switched_off_and_the_choice_of_a_theme_is_kept()
    {
        await using var host = await Host.StartAsync();
        await using var tab = await Tab.OpenAsync(chromium, host.Address + "/episode?key=train/2/3/0");
        await tab.Page.Keyboard.PressAsync("?");
        await tab.Page.GetByLabel("single keys do something").UncheckAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await tab.Page.Keyboard.PressAsync("j");
        await Expect(tab.Page.Locator("#turn-0")).Not.ToBeFocusedAsync();
        await tab.Page.Locator("#theme-button").ClickAsync();
        await tab.Page.ReloadAsync();
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await tab.Page.Keyboard.PressAsync("j");
        await Expect(tab.Page.Locator("#turn-0")).Not.ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Page.Locator(".skip")).ToBeFocusedAsync();
        await Expect(tab.Page.Locator(".skip")).ToBeInViewportAsync();
    }
}
