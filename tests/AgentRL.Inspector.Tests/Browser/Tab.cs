using Microsoft.Playwright;

namespace AgentRL.Inspector.Tests.Browser;

/// <summary>A page in the browser that remembers what must not happen: dialogs, faults of scripts, refused content, requests elsewhere.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private readonly IBrowserContext context;

    private Tab(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.Dialog += (_, dialog) =>
        {
            Faults.Add($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        page.PageError += (_, error) => Faults.Add($"script: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("404", StringComparison.Ordinal)) Faults.Add($"console: {message.Text}");
        };
        page.Request += (_, request) => Requests.Add(request.Url);
    }

    public IPage Page { get; }

    public List<string> Faults { get; } = [];

    public List<string> Requests { get; } = [];

    public static async Task<Tab> OpenAsync(Chromium chromium, string address, int width = 1280, ColorScheme scheme = ColorScheme.Light, bool withPolicy = true)
    {
        var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
            ColorScheme = scheme,
            BypassCSP = !withPolicy,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var tab = new Tab(context, await context.NewPageAsync());
        await tab.Page.GotoAsync(address);
        return tab;
    }

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
