using System.CommandLine;
using AgentRL.Archive.Index;
using AgentRL.Cli.Inspect;

namespace AgentRL.Cli.Archives;

/// <summary>The options that say which episodes are meant; several commands have them.</summary>
internal sealed class QueryOptions
{
    private readonly Option<string?> step = new("--step") { Description = "Training steps: 12, 10..20, 10.. or ..20." };
    private readonly Option<string?> phase = new("--phase") { Description = "train or eval, or a part of eval such as eval/long; eval+set for evaluations with --set." };
    private readonly Option<string?> family = new("--family") { Description = "Environment or family, for example functions or functions/scan_max." };
    private readonly Option<string?> strategy = new("--strategy") { Description = "Context strategy, for example summary." };
    private readonly Option<string?> outcome = new("--outcome") { Description = "Why the episode ended, for example answered or rounds-exhausted." };
    private readonly Option<bool?> solved = new("--solved") { Description = "Whether the task was solved: true or false." };
    private readonly Option<string?> reward = new("--reward") { Description = "Rewards: 1, 0..0.5." };
    private readonly Option<string?> returns = new("--return") { Description = "Returns, which are rewards less penalties: 0.5.., ..0." };
    private readonly Option<string?> rounds = new("--rounds") { Description = "Compressions used: 2, 1..3." };
    private readonly Option<string?> reads = new("--reads") { Description = "Reads from memory: 0, 1..3." };
    private readonly Option<string?> writes = new("--writes") { Description = "Writes to memory: 0, 1..3." };
    private readonly Option<string?> turns = new("--turns") { Description = "Turns: 5, 10..20." };
    private readonly Option<string?> length = new("--length") { Description = "Tokens of all segments: 1000.., 200..300." };
    private readonly Option<string?> text = new("--text") { Description = "Text that a turn, observation, summary or the task's id contains, case ignored." };

    private readonly Option<string?> sort = new("--sort")
    {
        Description = "Sort by step, phase, environment, strategy, outcome, solved, reward, return, advantage, rounds, reads, writes, turns, malformed, length or peak; largest first, "
            + "with a minus in front smallest first.",
        HelpName = "COLUMN",
    };

    private static readonly Dictionary<string, EpisodeOrder> Orders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["step"] = EpisodeOrder.Step,
        ["phase"] = EpisodeOrder.Phase,
        ["environment"] = EpisodeOrder.Environment,
        ["strategy"] = EpisodeOrder.Strategy,
        ["outcome"] = EpisodeOrder.Outcome,
        ["solved"] = EpisodeOrder.Solved,
        ["reward"] = EpisodeOrder.Reward,
        ["return"] = EpisodeOrder.Return,
        ["advantage"] = EpisodeOrder.Advantage,
        ["rounds"] = EpisodeOrder.Rounds,
        ["reads"] = EpisodeOrder.MemoryReads,
        ["writes"] = EpisodeOrder.MemoryWrites,
        ["turns"] = EpisodeOrder.Turns,
        ["malformed"] = EpisodeOrder.MalformedTurns,
        ["length"] = EpisodeOrder.Tokens,
        ["peak"] = EpisodeOrder.PeakWorkingContext,
    };

    private IReadOnlyList<Option> Filters => [step, phase, family, strategy, outcome, solved, reward, returns, rounds, reads, writes, turns, length, text];

    /// <summary>The options as they were given, for people.</summary>
    public string Words(ParseResult parsed) =>
        string.Join(' ', Filters.Append(sort).Select(parsed.GetResult).OfType<System.CommandLine.Parsing.OptionResult>().Where(r => !r.Implicit).Select(r => $"{r.Option.Name} {string.Join(' ', r.Tokens)}"));

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="sorts">Whether its episodes have an order.</param>
    public void AddTo(Command command, bool sorts = true)
    {
        foreach (var option in Filters) command.Add(option);
        if (sorts) command.Add(sort);
    }

    /// <summary>Whether any of them says which episodes are meant.</summary>
    public bool IsGiven(ParseResult parsed) => Filters.Any(o => parsed.GetResult(o) is { Implicit: false });

    /// <summary>The query.</summary>
    /// <exception cref="UsageException">An option's value cannot be used.</exception>
    public EpisodeQuery Build(ParseResult parsed)
    {
        var steps = Ranges.Integers(parsed.GetValue(step), "--step");
        var rewards = Ranges.Numbers(parsed.GetValue(reward), "--reward");
        var returned = Ranges.Numbers(parsed.GetValue(returns), "--return");
        var roundRange = Ranges.Integers(parsed.GetValue(rounds), "--rounds");
        var readRange = Ranges.Integers(parsed.GetValue(reads), "--reads");
        var writeRange = Ranges.Integers(parsed.GetValue(writes), "--writes");
        var turnRange = Ranges.Integers(parsed.GetValue(turns), "--turns");
        var lengths = Ranges.Integers(parsed.GetValue(length), "--length");
        var (order, descending) = OrderOf(parsed.GetResult(sort) is null ? null : parsed.GetValue(sort));
        return new EpisodeQuery
        {
            Phase = parsed.GetValue(phase),
            Environment = parsed.GetValue(family),
            Strategy = parsed.GetValue(strategy),
            StepFrom = steps.From,
            StepTo = steps.To,
            Outcome = InspectRequest.ParseOutcome(parsed.GetValue(outcome)),
            Solved = parsed.GetValue(solved),
            RewardFrom = rewards.From,
            RewardTo = rewards.To,
            ReturnFrom = returned.From,
            ReturnTo = returned.To,
            RoundsFrom = roundRange.From,
            RoundsTo = roundRange.To,
            MemoryReadsFrom = readRange.From,
            MemoryReadsTo = readRange.To,
            MemoryWritesFrom = writeRange.From,
            MemoryWritesTo = writeRange.To,
            TurnsFrom = turnRange.From,
            TurnsTo = turnRange.To,
            TokensFrom = lengths.From,
            TokensTo = lengths.To,
            Text = parsed.GetValue(text),
            Order = order,
            Descending = descending,
        };
    }

    private static (EpisodeOrder Order, bool Descending) OrderOf(string? column)
    {
        if (column is null) return (EpisodeOrder.Written, true);
        var rises = column.StartsWith('-');
        return Orders.TryGetValue(rises ? column[1..] : column, out var order)
            ? (order, !rises)
            : throw new UsageException($"--sort: '{column}' is no column; known are {string.Join(", ", Orders.Keys)}");
    }
}
