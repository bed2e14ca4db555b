using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Inspector.Export;
using AgentRL.Inspector.Tests.Support;

namespace AgentRL.Inspector.Tests;

public sealed class ExportTests
{
    [Fact]
    public async Task An_exported_page_refers_to_nothing_outside_itself()
    {
        using var run = TestRun.Whole();
        var (html, episodes, total) = await EpisodeExport.RenderAsync(run.Options, new EpisodeSelection(new EpisodeQuery { Limit = 5 }, "step 3"));
        Assert.Equal((5, 63), (episodes, total));
        Assert.DoesNotMatch("""<[^>]*\s(src|srcset|action|data|poster)=""", html);
        Assert.DoesNotMatch("""<link|<base|<iframe|<object|<img""", html);
        Assert.DoesNotMatch("""href="(?!#)""", html);
        Assert.DoesNotMatch("""url\((?!#)|@import""", html);
        foreach (Match link in Regex.Matches(html, "href=\"#([^\"]+)\"")) Assert.Contains($"id=\"{link.Groups[1].Value}\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_policy_allows_its_own_scripts_and_styles_alone()
    {
        using var run = TestRun.Whole();
        var (html, _, _) = await EpisodeExport.RenderAsync(run.Options, new EpisodeSelection(new EpisodeQuery(), Episode: Hostile.Key, WithTokens: true));
        var policy = System.Net.WebUtility.HtmlDecode(Regex.Match(html, "http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"").Groups[1].Value);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var inline = Regex.Matches(html, "<(script|style)>(.*?)</\\1>", RegexOptions.Singleline);
        Assert.Equal(3, inline.Count);
        foreach (Match block in inline)
        {
            var digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(block.Groups[2].Value)));
            Assert.Contains($"'sha256-{digest}'", policy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_on_a_page_of_several_episodes_are_unique()
    {
        using var run = TestRun.Whole();
        var (html, _, _) = await EpisodeExport.RenderAsync(run.Options, new EpisodeSelection(new EpisodeQuery()));
        var names = Regex.Matches(html, "\\sid=\"([^\"]+)\"").Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public async Task Without_an_archive_there_is_nothing_to_export()
    {
        using var run = new TestRun();
        await Assert.ThrowsAsync<ArchiveException>(() => EpisodeExport.RenderAsync(run.Options, new EpisodeSelection(new EpisodeQuery())));
    }
}
