using AgentRL.Archive.Tests;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Contexts;
using AgentRL.Inspector.Hosting;
using AgentRL.Inspector.Tests.Support;
using AgentRL.Inspector.Views;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Inspector.Tests;

/// <summary>Texts of episodes are shown, whatever they are, and nothing more.</summary>
public sealed class UntrustedTextTests
{
    [Fact]
    public async Task Markup_in_texts_is_encoded_on_every_page()
    {
        await using var host = await Host.StartAsync();
        foreach (var address in Host.Pages.Append("/episodes?text=" + Uri.EscapeDataString(Hostile.Script)).Append("/episode?key=" + Uri.EscapeDataString(Hostile.Image)))
        {
            using var response = await host.Client.GetAsync(address);
            var html = await response.Content.ReadAsStringAsync();
            Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<iframe", html, StringComparison.Ordinal);
        }
        var page = await host.GetAsync("/episode?key=" + Uri.EscapeDataString(Hostile.Key.ToString()));
        Assert.Contains("&lt;script&gt;window.owned=1;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Characters_that_would_act_are_shown_by_name()
    {
        await using var host = await Host.StartAsync();
        var page = await host.GetAsync("/episode?key=" + Uri.EscapeDataString(Hostile.Key.ToString()));
        foreach (var name in (string[])["ESC", "BEL", "NUL", "CR", "U+202E", "U+200B"])
            Assert.Contains($"""<span class="mark">{name}</span>""", page.Replace("&#x2B;", "+", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(page, c => (char.IsControl(c) && c is not ('\n' or '\r' or '\t')) || c is '\u202E' or '\u200B');
    }

    [Fact]
    public async Task Very_long_texts_are_folded_behind_their_beginning()
    {
        await using var host = await Host.StartAsync();
        var page = await host.GetAsync("/episode?key=" + Uri.EscapeDataString(Hostile.Key.ToString()));
        Assert.Contains("more characters</summary>", page, StringComparison.Ordinal);
        Assert.Contains(new string('m', 2500), page, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_mark_comes_back_as_it_is() => Arbitrary.Text.Sample(text =>
    {
        var pieces = VisibleText.Split(text);
        var shown = string.Concat(pieces.Where(p => !p.IsMark).Select(p => p.Text));
        Assert.DoesNotContain(shown, c => char.IsControl(c) && c is not ('\n' or '\t'));
        Assert.True(pieces.Any(p => p.IsMark) || shown == text);
    });

    [Fact]
    public void Any_episode_can_be_shown() => Arbitrary.Episode.Sample(
        episode =>
        {
            foreach (var colour in Enum.GetValues<TokenColour>())
            {
                var model = new EpisodeModel(episode, new TokenText(new LetterTokenizer()), new ContextOptions()) { Colour = colour };
                var info = new PageInfo { Run = "run", Title = episode.Key.ToString() };
                var parameters = new Dictionary<string, object?> { ["Page"] = info, ["Model"] = model };
                var html = PageRenderer.RenderAsync<Components.SingleEpisodePage>(parameters).GetAwaiter().GetResult();
                Assert.EndsWith("</html>", html.TrimEnd(), StringComparison.Ordinal);
            }
        }, iter: 40);
}
