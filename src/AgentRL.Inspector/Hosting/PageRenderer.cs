using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentRL.Inspector.Hosting;

/// <summary>Components to HTML: one way for pages served and pages exported.</summary>
internal static class PageRenderer
{
    private static readonly ServiceProvider Services = new ServiceCollection().BuildServiceProvider();

    public static async Task<string> RenderAsync<T>(IReadOnlyDictionary<string, object?> parameters)
        where T : IComponent
    {
        await using var renderer = new HtmlRenderer(Services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var output = await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(new Dictionary<string, object?>(parameters)));
            return "<!DOCTYPE html>\n" + output.ToHtmlString();
        });
    }
}
