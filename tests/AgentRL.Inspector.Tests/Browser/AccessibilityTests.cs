using AgentRL.Inspector.Tests.Support;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace AgentRL.Inspector.Tests.Browser;

/// <summary>axe finds no serious and no critical fault, contrast included, on any page, in either theme, wide or narrow.</summary>
[Trait("Category", "Browser")]
public sealed class AccessibilityTests(Chromium chromium) : IClassFixture<Chromium>
{
    /// <summary>One page of each layout; hostile texts and further colours of tokens have no markup of their own.</summary>
    private static readonly string[] Layouts =
    [
        "/", "/episodes?step=1&solved=no", "/episodes?step=..3&view=groups&reward=abc", "/metrics?phase=train&name=entropy",
        "/memory?rates=yes&step=8", "/group?phase=train&step=2&group=3",
        "/episode?key=train/2/3/0", "/episode?key=train/8/0/1", "/episode?key=train/2/3/0&tokens=kind", "/nothing",
    ];

    /// <summary>Pages that between them show every colour.</summary>
    private static readonly string[] Colours =
    [
        "/", "/episodes?step=1&reward=abc", "/episode?key=train/2/3/0", "/episode?key=train/8/0/1&tokens=kind", "/episode?key=train/2/3/0&tokens=mask",
        "/episode?key=train/2/3/0&tokens=logprob", "/episode?key=train/2/3/0&tokens=advantage",
    ];

    [BrowserFact]
    public Task In_the_light_theme_axe_finds_no_serious_fault() => Audit(Layouts.Union(Colours), 1280, ColorScheme.Light, new AxeRunOptions());

    /// <summary>The dark theme differs in colours alone.</summary>
    [BrowserFact]
    public Task The_dark_theme_has_contrast_enough() => Audit(Colours, 1280, ColorScheme.Dark, new AxeRunOptions { RunOnly = RunOnlyOptions.Rules("color-contrast") });

    /// <summary>The narrow layout has the wide one's colours.</summary>
    [BrowserFact]
    public Task In_the_narrow_layout_axe_finds_no_serious_fault() =>
        Audit(Layouts, 400, ColorScheme.Light, new AxeRunOptions { Rules = new Dictionary<string, RuleOptions> { ["color-contrast"] = new() { Enabled = false } } });

    private async Task Audit(IEnumerable<string> addresses, int width, ColorScheme scheme, AxeRunOptions options)
    {
        await using var host = await Host.StartAsync();
        // axe is put into the page as a script, which the page's own policy would refuse.
        await using var tab = await Tab.OpenAsync(chromium, host.Address, width, scheme, withPolicy: false);
        var faults = new List<string>();
        foreach (var address in addresses)
        {
            await tab.Page.GotoAsync(host.Address + address);
            var result = await tab.Page.RunAxe(options);
            foreach (var rule in result.Violations.Where(v => v.Impact is "serious" or "critical"))
                faults.AddRange(rule.Nodes.Take(3).Select(n => $"{address}: {rule.Id}: {n.Html}: {string.Join("; ", n.Any.Select(a => a.Message))}"));
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
