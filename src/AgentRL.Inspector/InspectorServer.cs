using System.Net;
using AgentRL.Archive;
using AgentRL.Inspector.Hosting;
using AgentRL.Inspector.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentRL.Inspector;

/// <summary>The web inspector: an application on 127.0.0.1 that shows one run and changes nothing.</summary>
public sealed class InspectorServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly InspectedRun run;

    private InspectorServer(WebApplication application, InspectedRun run)
    {
        this.application = application;
        this.run = run;
    }

    /// <summary>Where it listens, for example <c>http://127.0.0.1:5219</c>.</summary>
    public string Address => application.Urls.First();

    /// <summary>Opens the run and begins to listen.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<InspectorServer> StartAsync(InspectorOptions options, CancellationToken cancellationToken = default)
    {
        var run = new InspectedRun(options);
        var application = Build(options, run);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            run.Dispose();
            await application.DisposeAsync();
            throw;
        }
        _ = Task.Run(() => run.Index, CancellationToken.None); // the first page need not wait as long
        return new InspectorServer(application, run);
    }

    /// <summary>Ends it; requests being answered are given a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await application.StopAsync(patience.Token);
        await application.DisposeAsync();
        run.Dispose();
    }

    private static WebApplication Build(InspectorOptions options, InspectedRun run)
    {
        // Empty: no configuration files, no environment variables, no logging decide what this listens to or says.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = 0;
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals are the command's
        var application = builder.Build();
        var pages = new Pages(run);
        application.Run(context => AnswerAsync(context, options, run, pages));
        return application;
    }

    private static async Task AnswerAsync(HttpContext context, InspectorOptions options, InspectedRun run, Pages pages)
    {
        RequestGuard.AddHeaders(context.Response.Headers);
        if (RequestGuard.Refusal(context.Request) is { } refusal)
        {
            if (refusal.Status == StatusCodes.Status405MethodNotAllowed) context.Response.Headers.Allow = "GET, HEAD";
            await SendAsync(context, refusal.Status, "text/plain; charset=utf-8", refusal.Reason + "\n");
            return;
        }
        if (Asset.All.FirstOrDefault(a => context.Request.Path == $"/assets/{a.Name}") is { } asset)
        {
            context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
            await SendAsync(context, StatusCodes.Status200OK, asset.ContentType, asset.Text);
            return;
        }
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Path == "/stamp")
        {
            run.Metrics.Update();
            await SendAsync(context, StatusCodes.Status200OK, "text/plain; charset=utf-8", run.Stamp);
            return;
        }
        try
        {
            var page = await PageAsync(context.Request, pages);
            await SendAsync(context, page.Status, "text/html; charset=utf-8", page.Html);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            options.Failed?.Invoke(e);
            await SendAsync(context, StatusCodes.Status500InternalServerError, "text/plain; charset=utf-8", $"Internal error: {e.Message}\n");
        }
    }

    private static async Task<Page> PageAsync(HttpRequest request, Pages pages)
    {
        var query = request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        try
        {
            return await (request.Path.Value switch
            {
                "/" => pages.OverviewAsync(query),
                "/episodes" => pages.EpisodesAsync(query),
                "/episode" => pages.EpisodeAsync(query),
                "/group" => pages.GroupAsync(query),
                "/memory" => pages.MemoryAsync(query),
                "/metrics" => pages.MetricsAsync(query),
                _ => pages.MissingAsync(),
            });
        }
        catch (ArchiveException e)
        {
            return await pages.DamagedAsync(e);
        }
    }

    private static async Task SendAsync(HttpContext context, int status, string type, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
