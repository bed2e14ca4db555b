using System.Net;

namespace AgentRL.Inspector.Tests.Support;

/// <summary>A run, the inspector over it, and a client.</summary>
internal sealed class Host : IAsyncDisposable
{
    private readonly InspectorServer server;
    private readonly bool ownsRun;

    private Host(TestRun run, InspectorServer server, bool ownsRun)
    {
        Run = run;
        this.server = server;
        this.ownsRun = ownsRun;
        Client = new HttpClient { BaseAddress = new Uri(server.Address) };
    }

    /// <summary>Addresses of one page of each sort.</summary>
    public static IReadOnlyList<string> Pages =>
    [
        "/", "/episodes", "/episodes?step=..3&rounds=1..&solved=no&sort=reward&view=groups", "/episodes?text=img&reward=abc",
        "/metrics", "/metrics?phase=train&name=entropy", "/memory", "/memory?rates=yes", "/group?phase=train&step=2&group=3",
        "/episode?key=train/2/3/0", "/episode?key=train/8/0/1", HostileEpisode, HostileEpisode + "&tokens=kind",
        "/episode?key=train/2/3/0&tokens=kind", "/episode?key=train/2/3/0&tokens=mask", "/episode?key=train/2/3/0&tokens=logprob",
        "/episode?key=train/8/0/1&tokens=entropy", "/episode?key=train/2/3/0&tokens=advantage", "/nothing",
    ];

    public static string HostileEpisode => "/episode?key=" + Uri.EscapeDataString(Hostile.Key.ToString());

    public TestRun Run { get; }

    public HttpClient Client { get; }

    public string Address => server.Address;

    public static async Task<Host> StartAsync(TestRun? run = null)
    {
        var shown = run ?? TestRun.Whole();
        return new Host(shown, await InspectorServer.StartAsync(shown.Options), run is null);
    }

    public async Task<string> GetAsync(string address, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await Client.GetAsync(address);
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
        if (ownsRun) Run.Dispose();
    }
}
