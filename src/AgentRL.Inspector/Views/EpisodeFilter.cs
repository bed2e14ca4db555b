using System.Globalization;
using AgentRL.Archive.Index;
using AgentRL.Episodes;

namespace AgentRL.Inspector.Views;

/// <summary>Filters, order and page of the list of episodes, as they stand in an address. What cannot be understood is told and left out.</summary>
public sealed class EpisodeFilter
{
    private const int LongestText = 200;

    /// <summary>Names of the filters, in the order in which the page has them.</summary>
    public static readonly string[] Names =
        ["phase", "family", "strategy", "step", "outcome", "solved", "reward", "advantage", "rounds", "reads", "writes", "turns", "tokens", "text"];

    private readonly Dictionary<string, string> values;
    private readonly Dictionary<string, string> faults = [];

    public EpisodeFilter(IReadOnlyDictionary<string, string> query, int pageSize = 50)
    {
        PageSize = pageSize;
        values = Names.Concat(["sort", "order", "page", "view", "search"]).Where(query.ContainsKey).ToDictionary(n => n, n => query[n].Trim());
        PageNumber = Math.Clamp(Integer(this["page"], "page") ?? 1, 1, 1_000_000);
        Query = Read();
    }

    public string this[string name] => values.GetValueOrDefault(name, "");

    public EpisodeQuery Query { get; }

    /// <summary>What could not be understood, by the filter's name.</summary>
    public IReadOnlyDictionary<string, string> Faults => faults;

    public int PageNumber { get; }

    public int PageSize { get; }

    public bool IsGroups => this["view"] == "groups";

    public bool IsAny => Names.Any(n => this[n].Length > 0);

    /// <summary>The address with some of it changed; the page begins anew.</summary>
    public string With(params ReadOnlySpan<(string Name, string Value)> changes)
    {
        var changed = values.Where(v => v.Key is not ("page" or "search")).ToDictionary();
        foreach (var (name, value) in changes) changed[name] = value;
        return Links.Query(Links.Episodes, changed);
    }

    /// <summary>The address that sorts by a column, or turns its order.</summary>
    public string Sorted(EpisodeOrder order)
    {
        var name = order.ToString().ToLowerInvariant();
        var descending = Query.Order == order ? !Query.Descending : order is not (EpisodeOrder.Phase or EpisodeOrder.Environment);
        return With(("sort", name), ("order", descending ? "" : "up"));
    }

    private EpisodeQuery Read()
    {
        var (step, reward, advantage) = (Range("step", Whole), Range("reward", Real), Range("advantage", Real));
        var (rounds, reads, writes) = (Range("rounds", Whole), Range("reads", Whole), Range("writes", Whole));
        var (turns, tokens) = (Range("turns", Whole), Range("tokens", Whole));
        var text = this["text"].Length > LongestText ? Fault<string>("text", $"longer than {LongestText} characters") : this["text"];
        return new EpisodeQuery
        {
            Phase = Named("phase"),
            Environment = Named("family"),
            Strategy = Named("strategy"),
            Outcome = OutcomeOf(this["outcome"]),
            Solved = this["solved"] switch { "yes" => true, "no" => false, "" => null, _ => Fault<bool?>("solved", "yes or no") },
            StepFrom = (int?)step.From,
            StepTo = (int?)step.To,
            RewardFrom = reward.From,
            RewardTo = reward.To,
            AdvantageFrom = advantage.From,
            AdvantageTo = advantage.To,
            RoundsFrom = (int?)rounds.From,
            RoundsTo = (int?)rounds.To,
            MemoryReadsFrom = (int?)reads.From,
            MemoryReadsTo = (int?)reads.To,
            MemoryWritesFrom = (int?)writes.From,
            MemoryWritesTo = (int?)writes.To,
            TurnsFrom = (int?)turns.From,
            TurnsTo = (int?)turns.To,
            TokensFrom = (int?)tokens.From,
            TokensTo = (int?)tokens.To,
            Text = string.IsNullOrEmpty(text) ? null : text,
            SearchFrom = Integer(this["search"], "search") is >= 0 and var from ? from : 0,
            SearchLimit = 5000,
            Order = Enum.TryParse<EpisodeOrder>(this["sort"], ignoreCase: true, out var order) && Enum.IsDefined(order) ? order : EpisodeOrder.Written,
            Descending = this["order"] != "up",
            // A search goes on where it stopped instead of leaving out what it found before.
            Offset = string.IsNullOrEmpty(text) ? (PageNumber - 1) * PageSize : 0,
            Limit = PageSize,
        };
    }

    private string? Named(string name) => this[name].Length == 0 ? null : this[name].TrimEnd('/');

    private Outcome? OutcomeOf(string text)
    {
        if (text.Length == 0) return null;
        var name = text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        var known = Enum.TryParse<Outcome>(name, ignoreCase: true, out var outcome) && Enum.IsDefined(outcome);
        return known ? outcome : Fault<Outcome?>("outcome", "no outcome has this name");
    }

    private (double? From, double? To) Range(string name, Func<string, double?> parse)
    {
        var text = this[name];
        if (text.Length == 0) return (null, null);
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (low, high) = dots < 0 ? (text, text) : (text[..dots].Trim(), text[(dots + 2)..].Trim());
        var (from, to) = (low.Length == 0 ? null : parse(low), high.Length == 0 ? null : parse(high));
        var isRange = (low.Length == 0 || from is not null) && (high.Length == 0 || to is not null) && low.Length + high.Length > 0;
        if (!isRange) return Fault<(double?, double?)>(name, "write 3, 3..7, 3.. or ..7");
        return from > to ? Fault<(double?, double?)>(name, "the beginning is above the end") : (from, to);
    }

    private int? Integer(string text, string name) => text.Length == 0 ? null : Whole(text) is { } n ? (int)n : Fault<int?>(name, "no whole number");

    private T? Fault<T>(string name, string fault)
    {
        faults[name] = fault;
        return default;
    }

    private static double? Whole(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : null;

    private static double? Real(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;
}
