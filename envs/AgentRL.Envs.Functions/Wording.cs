using System.Globalization;
using System.Text.RegularExpressions;
using AgentRL.Randomness;

namespace AgentRL.Envs.Functions;

/// <summary>The conventions of observations: compact ones are bare numbers and signs, verbose ones say "… is 57." and may carry noise behind.</summary>
internal static partial class Wording
{
    private const NumberStyles Sign = NumberStyles.AllowLeadingSign;

    /// <summary>The numbers of an observation, in order: bare ones, or (where there are words) those that follow the word "is".</summary>
    public static long[] Numbers(string text)
    {
        var texts = text.Any(char.IsAsciiLetter) ? Stated().Matches(text).Select(m => m.Groups[1].Value) : text.Split(' ');
        return [.. texts.Where(t => long.TryParse(t, Sign, CultureInfo.InvariantCulture, out _)).Select(t => long.Parse(t, Sign, CultureInfo.InvariantCulture))];
    }

    /// <summary>The word of an observation: a bare one, or the first in quotation marks.</summary>
    public static string? Word(string text) => Words().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>What a busy server adds to a reply. Never says "is" before a number.</summary>
    public static string Noise(RandomSequence random) => random.NextInt(0, 3) switch
    {
        0 => $" [request {random.NextInt(0, int.MaxValue):x8}{random.NextInt(0, int.MaxValue):x8}, {random.NextInt(2, 480)} ms]",
        1 => $" Served by node dc{random.NextInt(1, 4)}-worker-{random.NextInt(100, 999)}; cache age {random.NextInt(0, 90)} s.",
        2 => $" Note: maintenance window {random.NextInt(1, 9)} starts in {random.NextInt(2, 72)} hours.",
        _ => "",
    };

    [GeneratedRegex(@"\bis (-?[0-9]{1,15})\b")]
    private static partial Regex Stated();

    [GeneratedRegex("(?:^|\")([a-z]+)(?:$|\")")]
    private static partial Regex Words();
}
