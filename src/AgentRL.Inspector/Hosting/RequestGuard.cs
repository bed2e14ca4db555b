using Microsoft.AspNetCore.Http;

namespace AgentRL.Inspector.Hosting;

/// <summary>
/// Which requests are answered: reads of a loopback host by the person at this machine. A web page elsewhere can make a browser send requests here, under
/// this address or under a name of its own that points to it (DNS rebinding); both are refused before anything is looked up.
/// </summary>
internal static class RequestGuard
{
    private static readonly string[] Hosts = ["127.0.0.1", "localhost", "[::1]"];

    /// <summary>Status and reason of a refusal; null where the request is answered.</summary>
    public static (int Status, string Reason)? Refusal(HttpRequest request)
    {
        if (!Hosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
            return (StatusCodes.Status421MisdirectedRequest, "The inspector answers only under 127.0.0.1, localhost and [::1].");
        if (request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
            return (StatusCodes.Status403Forbidden, "This request comes from another site. To open the page, copy its address into the address bar.");
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            return (StatusCodes.Status403Forbidden, "This request comes from another site.");
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return null;
        return (StatusCodes.Status405MethodNotAllowed, "The inspector only reads: GET and HEAD.");
    }

    /// <summary>Headers of every response, refusals included.</summary>
    public static void AddHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.XFrameOptions = "DENY";
    }
}
