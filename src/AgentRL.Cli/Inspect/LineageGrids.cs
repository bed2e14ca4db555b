using System.Globalization;
using AgentRL.Lineage;
using AgentRL.Tokens;

namespace AgentRL.Cli.Inspect;

/// <summary>A run's lineage as tables; what no part has is left out.</summary>
internal static class LineageGrids
{
    private static readonly (TokenKind Kind, string Name)[] Kinds =
        [(TokenKind.Action, "actions"), (TokenKind.Summary, "summaries"), (TokenKind.MemoryWrite, "writes"), (TokenKind.MemoryRead, "reads")];

    public static IEnumerable<Grid> Of(IReadOnlyList<LineagePart> parts)
    {
        if (parts.Any(p => p.Rates.Writes + p.Rates.Reads > 0))
        {
            yield return Make("memory: blocks written and read", parts,
                ["episodes", "writes", "dead writes", "dead rate", "reads", "used rate", "stale rate", "repeated", "outdated", "superseded"], p => Memory(p.Rates));
        }
        yield return Make("facts at compressions", parts,
            ["episodes", "compressions", "carried", "in blocks", "lost", "lost rate", "needed again", "needed rate", "never in context", "missing rate", "used rate"], p => Facts(p.Rates));
        yield return Make("mean reward (episodes) by use of the memory", parts,
            ["read and used", "read, not used", "wrote, never read", "never wrote"], p => Rewards(p.Rates.RewardByUse));
        var trained = parts.Where(p => p.Gradient.Total.Tokens > 0).ToList();
        if (trained.Count == 0) yield break;
        yield return Make("share of the policy gradient's weight |advantage|/N, and of loss tokens", trained,
            ["loss tokens", .. Kinds.SelectMany(k => new[] { k.Name, $"tokens of {k.Name}" })], p => Gradient(p.Gradient));
    }

    private static string[] Memory(LineageRates r) =>
    [
        Number(r.Episodes), Number(r.Writes), Number(r.DeadWrites), Share(r.DeadWriteRate), Number(r.Reads), Share(r.UsedReadRate), Share(r.StaleReadRate),
        Number(r.RepeatedReads), Number(r.OutdatedReads), Number(r.SupersededReads),
    ];

    private static string[] Facts(LineageRates r) =>
    [
        Number(r.Episodes), Number(r.Compressions), Number(r.CarriedFacts), Number(r.ArchivedFacts), Number(r.LostFacts), Share(r.LostFactRate),
        Number(r.NeededFacts), Share(r.NeededFactRate), Number(r.AbsentFacts), Share(r.MissingFactRate), Share(r.UsedFactRate),
    ];

    private static string[] Rewards(RewardByUse r) => [Reward(r.ReadAndUsed), Reward(r.ReadUnused), Reward(r.NeverRead), Reward(r.NeverWrote)];

    private static string[] Gradient(GradientShares g) =>
        [Number(g.Total.Tokens), .. Kinds.SelectMany(k => new[] { Share(g.WeightShare(k.Kind)), Share(g.TokenShare(k.Kind)) })];

    private static Grid Make(string title, IReadOnlyList<LineagePart> parts, string[] columns, Func<LineagePart, string[]> cells) =>
        new(title, ["part", .. columns], [.. parts.Select(p => (string[])[Name(p), .. cells(p)])], IsNumeric: true);

    private static string Name(LineagePart part) =>
        SafeText.OneLine(part.Phase) + (part.StepFrom == part.StepTo ? $" step {part.StepFrom}" : $" steps {part.StepFrom}..{part.StepTo}");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Share(double? value) => value is { } v ? v.ToString("0.000", CultureInfo.InvariantCulture) : "-";

    private static string Reward(UseReward reward) => reward.Mean is { } mean ? string.Create(CultureInfo.InvariantCulture, $"{mean:0.000} ({reward.Episodes})") : "-";
}
