using AgentRL.Inspector.Tests.Support;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace AgentRL.Inspector.Tests.Browser;

/// <summary>axe finds no serious and no critical fault, contrast included, on any page, in either theme, wide or narrow.</summary>
[Trait("Category", "Browser")]
public sealed class AccessibilityTests(Chromium chromium) : IClassFixture<Chromium>
{
    [BrowserTheory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(400, ColorScheme.Light)]
    [InlineData(400, ColorScheme.Dark)]
    public async Task Axe_finds_no_serious_fault(int width, ColorScheme scheme)
    {
        await using var host = await Host.StartAsync();
        // axe is put into the page as a script, which the page's own policy would refuse.
        await using var tab = await Tab.OpenAsync(chromium, host.Address, width, scheme, withPolicy: false);
        var faults = new List<string>();
        foreach (var address in Host.Pages)
        {
            await tab.Page.GotoAsync(host.Address + address);
            var result = await tab.Page.RunAxe();
            foreach (var rule in result.Violations.Where(v => v.Impact is "serious" or "critical"))
                faults.AddRange(rule.Nodes.Take(3).Select(n => $"{address}: {rule.Id}: {n.Html}: {string.Join("; ", n.Any.Select(a => a.Message))}"));
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
