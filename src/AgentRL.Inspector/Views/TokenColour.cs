using AgentRL.Episodes;

namespace AgentRL.Inspector.Views;

/// <summary>What the tokens' colours stand for.</summary>
public enum TokenColour
{
    /// <summary>No tokens.</summary>
    None,
    Kind,
    Mask,
    LogProb,
    Entropy,
    Advantage,
}

/// <summary>A token: its text, and what the colour says once more in characters.</summary>
public readonly record struct TokenMark(int Position, string Text, string Style, string Value);

/// <summary>Puts tokens into classes of colour; each class has a style (colour and shape of the line) and a place in the legend.</summary>
internal static class TokenColours
{
    public static IReadOnlyList<(TokenColour Colour, string Label)> All { get; } =
    [
        (TokenColour.Kind, "kind"), (TokenColour.Mask, "loss mask"), (TokenColour.LogProb, "log-probability"),
        (TokenColour.Entropy, "entropy"), (TokenColour.Advantage, "advantage"),
    ];

    public static TokenColour Parse(string? text) =>
        Enum.TryParse<TokenColour>(text, ignoreCase: true, out var colour) && Enum.IsDefined(colour) ? colour : TokenColour.None;

    /// <summary>Style and value of a token.</summary>
    public static (string Style, string Value) Of(Segment segment, int i, TokenColour colour, Episode episode)
    {
        var sampled = segment.Versions[i] >= 0;
        switch (colour)
        {
            case TokenColour.Mask:
                return segment.Loss[i] ? ("mask-1", "loss") : ("mask-0", "·");
            case TokenColour.LogProb when sampled:
                return (Level("lp", -segment.LogProbs[i], 0.01, 0.1, 0.7, 2.3), Figures.Number(Math.Round(segment.LogProbs[i], 3)));
            case TokenColour.Entropy when sampled && EntropyOf(segment, i) is { } entropy:
                return (Level("en", entropy, 0.01, 0.1, 0.5, 1), Figures.Number(Math.Round(entropy, 3)));
            case TokenColour.Advantage when segment.Loss[i] && episode.Advantage is { } advantage:
                var shown = episode.Masked == true ? 0 : advantage;
                return (shown == 0 ? "ad-0" : (shown < 0 ? "ad-n" : "ad-p") + (Math.Abs(shown) < 0.5 ? "1" : Math.Abs(shown) < 1.5 ? "2" : "3"), Signed(shown));
            case TokenColour.Kind:
                return ("k-" + Figures.Style(segment.Kinds[i]), Short(segment.Kinds[i]));
            default:
                return ("none", "·");
        }
    }

    /// <summary>What the styles mean.</summary>
    public static IReadOnlyList<(string Style, string Label)> Legend(TokenColour colour) => colour switch
    {
        TokenColour.Mask => [("mask-1", "bears loss"), ("mask-0", "does not")],
        TokenColour.LogProb =>
        [
            ("lp-0", "above −0.01 (p > 0.99)"), ("lp-1", "to −0.1 (p > 0.9)"), ("lp-2", "to −0.7 (p > 0.5)"), ("lp-3", "to −2.3 (p > 0.1)"),
            ("lp-4", "below"), ("none", "not sampled"),
        ],
        TokenColour.Entropy =>
        [
            ("en-0", "below 0.01 nats"), ("en-1", "to 0.1"), ("en-2", "to 0.5"), ("en-3", "to 1"),
            ("en-4", "above"), ("none", "not sampled, or not known"),
        ],
        TokenColour.Advantage =>
        [
            ("ad-n3", "−1.5 and less"), ("ad-n2", "to −0.5"), ("ad-n1", "to 0"), ("ad-0", "0, or masked"),
            ("ad-p1", "to 0.5"), ("ad-p2", "to 1.5"), ("ad-p3", "more"), ("none", "bears no loss"),
        ],
        TokenColour.Kind => [.. Enum.GetValues<Tokens.TokenKind>().Select(k => ("k-" + Figures.Style(k), $"{Short(k)}: {Figures.Name(k)}"))],
        _ => [],
    };

    /// <summary>Entropy of a sampled token, where the archive knows it.</summary>
    public static double? EntropyOf(Segment segment, int i) => i < segment.Entropies.Length ? segment.Entropies[i] : null;

    private static string Short(Tokens.TokenKind kind) => kind switch
    {
        Tokens.TokenKind.System => "sys",
        Tokens.TokenKind.Task => "task",
        Tokens.TokenKind.CarriedSummary => "car",
        Tokens.TokenKind.Observation => "obs",
        Tokens.TokenKind.Instruction => "ins",
        Tokens.TokenKind.MemoryContent => "mem",
        Tokens.TokenKind.Status => "st",
        Tokens.TokenKind.Action => "act",
        Tokens.TokenKind.Summary => "sum",
        Tokens.TokenKind.MemoryWrite => "wr",
        Tokens.TokenKind.MemoryRead => "rd",
        _ => $"{(int)kind}",
    };

    private static string Level(string name, double value, params ReadOnlySpan<double> bounds)
    {
        var level = 0;
        foreach (var bound in bounds)
            if (value > bound) level++;
        return $"{name}-{level}";
    }

    private static string Signed(double value) => (value > 0 ? "+" : "") + Figures.Number(Math.Round(value, 3));
}
