using System.Net;
using AgentRL.Inspector.Tests.Support;

namespace AgentRL.Inspector.Tests;

/// <summary>Who is answered, and under which policy.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task Every_page_is_served_under_a_policy_that_runs_nothing_of_the_page_itself()
    {
        await using var host = await Host.StartAsync();
        foreach (var address in Host.Pages)
        {
            using var response = await host.Client.GetAsync(address);
            var html = await response.Content.ReadAsStringAsync();
            Assert.Equal(address == "/nothing" ? HttpStatusCode.NotFound : HttpStatusCode.OK, response.StatusCode);
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.DoesNotContain("<style", html, StringComparison.Ordinal);
            Assert.DoesNotContain(" style=", html, StringComparison.Ordinal);
            Assert.DoesNotMatch("""<[^>]*\son[a-z]+=""", html);
            Assert.DoesNotMatch("""<script(?! src="/assets/)""", html);
            Assert.DoesNotMatch("""(src|href|action)="(?![/#])""", html);
        }
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.evil.example:80", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:8080", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    public async Task Only_loopback_names_are_answered(string name, HttpStatusCode expected)
    {
        await using var host = await Host.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = name;
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        if (expected != HttpStatusCode.OK) Assert.DoesNotContain("train", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site", "none", HttpStatusCode.OK)]
    [InlineData("Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    public async Task Requests_of_other_sites_are_refused(string header, string value, HttpStatusCode expected)
    {
        await using var host = await Host.StartAsync();
        foreach (var address in (string[])["/", "/stamp", "/assets/inspector.js"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add(header, value);
            using var response = await host.Client.SendAsync(request);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_own_origin_is_no_other_site()
    {
        await using var host = await Host.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Origin", host.Address);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Nothing_but_reading_is_allowed(string method)
    {
        await using var host = await Host.StartAsync();
        using var response = await host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Head_has_the_headers_of_get_and_no_body()
    {
        await using var host = await Host.StartAsync();
        using var head = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/episodes"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.True(head.Content.Headers.ContentLength > 1000);
        Assert.Empty(await head.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task It_listens_on_this_machine_alone()
    {
        await using var host = await Host.StartAsync();
        Assert.StartsWith("http://127.0.0.1:", host.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_of_its_own()
    {
        await using var host = await Host.StartAsync();
        var port = new Uri(host.Address).Port;
        await Assert.ThrowsAnyAsync<IOException>(() => InspectorServer.StartAsync(host.Run.Options with { Port = port }));
    }
}
