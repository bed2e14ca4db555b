using System.Net;
using AgentRL.Archive.Index;
using AgentRL.Episodes;
using AgentRL.Inspector.Tests.Support;
using AgentRL.Inspector.Views;

namespace AgentRL.Inspector.Tests;

/// <summary>What addresses lead to.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task Filters_of_the_address_decide_which_episodes_are_listed()
    {
        await using var host = await Host.StartAsync();
        var page = await host.GetAsync("/episodes?step=2..3&solved=no&sort=reward&order=up");
        Assert.Contains("train/2/3/", page, StringComparison.Ordinal);
        Assert.DoesNotContain("train/4/3/", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">eval/long/", page, StringComparison.Ordinal);
        Assert.Contains("value=\"2..3\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        await using var host = await Host.StartAsync();
        var first = await host.GetAsync("/episodes");
        Assert.Contains("63 episodes", first, StringComparison.Ordinal);
        Assert.Contains("rel=\"next\"", first, StringComparison.Ordinal);
        var second = await host.GetAsync("/episodes?page=2");
        Assert.Contains("train/1/3/0", second, StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"next\"", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_is_found_in_turns_observations_and_summaries()
    {
        await using var host = await Host.StartAsync();
        Assert.Contains("train/8/0/1", await host.GetAsync("/episodes?text=red+door"), StringComparison.Ordinal);
        Assert.Contains("No episode fits", await host.GetAsync("/episodes?text=nobody+says+this"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_that_cannot_be_understood_is_told_and_left_out()
    {
        var filter = new EpisodeFilter(new Dictionary<string, string>
        {
            ["step"] = "5..2",
            ["reward"] = "much",
            ["outcome"] = "bored",
            ["page"] = "-3",
            ["rounds"] = "2..",
            ["text"] = new string('x', 300),
        });
        Assert.Equal(["outcome", "reward", "step", "text"], filter.Faults.Keys.Order());
        Assert.Null(filter.Query.StepFrom);
        Assert.Null(filter.Query.Text);
        Assert.Equal(2, filter.Query.RoundsFrom);
        Assert.Equal(1, filter.PageNumber);
    }

    [Fact]
    public void An_address_holds_all_of_a_filter()
    {
        var filter = new EpisodeFilter(new Dictionary<string, string> { ["phase"] = "eval/long", ["text"] = "a&b=c", ["page"] = "4" });
        Assert.Equal("/episodes?phase=eval/long&text=a%26b%3Dc&sort=reward", filter.Sorted(EpisodeOrder.Reward));
    }

    [Theory]
    [InlineData("train/12/3/0")]
    [InlineData("eval+set/long/4/12/3/0")]
    [InlineData("a/../b?c=d#e&f/1/2/-3")]
    public void The_address_of_an_episode_leads_back_to_it(string key)
    {
        var address = new Uri("http://127.0.0.1" + Links.Episode(Links.ParseKey(key)!));
        Assert.Equal("/episode", address.AbsolutePath);
        Assert.Equal(Links.ParseKey(key), Links.ParseKey(Uri.UnescapeDataString(address.Query["?key=".Length..])));
    }

    [Fact]
    public async Task An_unknown_episode_is_not_found()
    {
        await using var host = await Host.StartAsync();
        Assert.Contains("holds no episode train/99/0/0", await host.GetAsync("/episode?key=train/99/0/0", HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("names no episode", await host.GetAsync("/episode?key=x", HttpStatusCode.NotFound), StringComparison.Ordinal);
        await host.GetAsync("/group?phase=train&step=x&group=1", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_episode_shows_its_turns_its_discarded_turn_and_its_summary()
    {
        await using var host = await Host.StartAsync();
        var page = await host.GetAsync("/episode?key=train/2/3/0");
        Assert.Contains("id=\"turn-4\"", page, StringComparison.Ordinal);
        Assert.Contains("discarded: the context left it out", page, StringComparison.Ordinal);
        Assert.Contains("no closing tag: the raw text was carried", page, StringComparison.Ordinal);
        Assert.Contains("compression threshold L", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_is_followed_from_its_writing_to_its_use()
    {
        await using var host = await Host.StartAsync();
        var page = await host.GetAsync("/episode?key=train/8/0/1");
        var block = page[page.IndexOf("id=\"block-2\"", StringComparison.Ordinal)..page.IndexOf("id=\"block-3\"", StringComparison.Ordinal)];
        Assert.Contains("href=\"#turn-1\"", block, StringComparison.Ordinal); // written
        Assert.Contains("href=\"#turn-3\"", block, StringComparison.Ordinal); // read
        Assert.Contains("href=\"#turn-4\"", block, StringComparison.Ordinal); // used
        Assert.Contains("overwritten", block, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masked_episodes_and_tokens_say_so()
    {
        using var run = new TestRun(AgentRL.Cli.Tests.Inspect.Example.Episode() with { Masked = true, Outcome = Outcome.TurnsExhausted });
        await using var host = await Host.StartAsync(run);
        var page = await host.GetAsync("/episode?key=train/12/3/0&tokens=advantage");
        Assert.Contains("(masked)", page, StringComparison.Ordinal);
        Assert.Contains("token ad-0", page, StringComparison.Ordinal);
        Assert.DoesNotContain("title=\"position 27\"><span class=\"t\">g</span><span class=\"v\">-0.707", page, StringComparison.Ordinal);
    }
}
