using System.Globalization;
using AgentRL.Episodes;

namespace AgentRL.Inspector.Views;

/// <summary>Addresses. Names stand in queries, never in paths, where browsers would resolve dots.</summary>
internal static class Links
{
    public const string Overview = "/", Episodes = "/episodes", Metrics = "/metrics", Memory = "/memory";

    public static string Episode(EpisodeKey key) => $"/episode?key={Escape(key.ToString())}";

    public static string Tokens(EpisodeKey key, TokenColour colour) => $"{Episode(key)}&tokens={colour.ToString().ToLowerInvariant()}";

    public static string Group(EpisodeKey key) => $"/group?phase={Escape(key.Phase)}&step={Number(key.Step)}&group={Number(key.Group)}";

    public static string Metric(string phase, string name) => $"/metrics?phase={Escape(phase)}&name={Escape(name)}";

    public static string Query(string page, IEnumerable<KeyValuePair<string, string>> query)
    {
        var parts = query.Where(p => p.Value.Length > 0).Select(p => $"{Escape(p.Key)}={Escape(p.Value)}").ToList();
        return parts.Count == 0 ? page : $"{page}?{string.Join('&', parts)}";
    }

    /// <summary>Reads <c>train/12/3/0</c>; the phase may hold slashes itself.</summary>
    public static EpisodeKey? ParseKey(string? text)
    {
        var parts = (text ?? "").Split('/');
        return parts.Length >= 4 && Integer(parts[^3], out var step) && Integer(parts[^2], out var group) && Integer(parts[^1], out var sample)
            ? new EpisodeKey(string.Join('/', parts[..^3]), step, group, sample)
            : null;
    }

    private static bool Integer(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>Slashes stay readable: they mean nothing in a query.</summary>
    private static string Escape(string text) =>
        Uri.EscapeDataString(new string([.. text.Select(c => char.IsSurrogate(c) ? '\uFFFD' : c)])).Replace("%2F", "/", StringComparison.Ordinal);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
