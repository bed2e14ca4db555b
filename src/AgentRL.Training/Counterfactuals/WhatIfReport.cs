using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Training.Counterfactuals;

/// <summary>One continuation from the unchanged context and one from the changed, on the same random stream.</summary>
/// <param name="Unchanged">How the first ended.</param>
/// <param name="Changed">How the second ended.</param>
public readonly record struct ContinuationPair(Ending Unchanged, Ending Changed)
{
    /// <summary>Whether both ended by themselves.</summary>
    public bool IsWhole => !Unchanged.Failed && !Changed.Failed;
}

/// <summary>How a continuation ended.</summary>
/// <param name="Solved">Whether the task was solved.</param>
/// <param name="Return">Reward less weighted penalties.</param>
/// <param name="Failed">Whether environment or engine failed: the pair is left out.</param>
public readonly record struct Ending(bool Solved, double Return, bool Failed);

/// <summary>What a change did to one episode.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Turn">The turn that it was continued from.</param>
/// <param name="Change">The change, in words.</param>
/// <param name="Pairs">The continuations.</param>
public sealed record EpisodeContrast(EpisodeKey Episode, int Turn, string Change, IReadOnlyList<ContinuationPair> Pairs);

/// <summary>What a kind of change did, over one episode or many.</summary>
public sealed record ChangeEffect
{
    private ChangeEffect()
    {
    }

    /// <summary>The change.</summary>
    public required string Change { get; init; }

    /// <summary>Episodes it was carried out in.</summary>
    public required int Episodes { get; init; }

    /// <summary>Episodes in which it made no sense.</summary>
    public required int NotApplicable { get; init; }

    /// <summary>Pairs of continuations that both ended by themselves.</summary>
    public required int Pairs { get; init; }

    /// <summary>Pairs left out, because environment or engine failed.</summary>
    public required int FailedPairs { get; init; }

    /// <summary>Success from the unchanged context.</summary>
    public required double UnchangedSuccess { get; init; }

    /// <summary>Success from the changed context.</summary>
    public required double ChangedSuccess { get; init; }

    /// <summary>Changed less unchanged, 95 % interval.</summary>
    public required PairedDifference Success { get; init; }

    /// <summary>Pairs solved only without the change.</summary>
    public required int Lost { get; init; }

    /// <summary>Pairs solved only with it.</summary>
    public required int Won { get; init; }

    /// <summary>Return from the unchanged context.</summary>
    public required double UnchangedReturn { get; init; }

    /// <summary>Return from the changed context.</summary>
    public required double ChangedReturn { get; init; }

    /// <summary>Changed less unchanged, 95 % interval.</summary>
    public required PairedDifference Return { get; init; }

    /// <summary>
    /// Puts together what a change did. The pairs of one episode are independent of each other; those of several are not, and each episode counts as one
    /// difference, its mean.
    /// </summary>
    public static ChangeEffect Of(string change, IReadOnlyList<EpisodeContrast> contrasts, int notApplicable = 0)
    {
        var whole = contrasts.Select(c => c.Pairs.Where(p => p.IsWhole).ToList()).Where(p => p.Count > 0).ToList();
        var all = whole.SelectMany(p => p).ToList();
        int Count(bool unchanged, bool changed) => all.Count(p => p.Unchanged.Solved == unchanged && p.Changed.Solved == changed);
        IReadOnlyList<double> returns = whole.Count == 1 ? [.. all.Select(ReturnDifference)] : [.. whole.Select(e => e.Average(ReturnDifference))];
        var span = all.Count == 0 ? 1 : Math.Max(1, all.Max(p => Math.Max(p.Unchanged.Return, p.Changed.Return)) - all.Min(p => Math.Min(p.Unchanged.Return, p.Changed.Return)));
        return new ChangeEffect
        {
            Change = change,
            Episodes = contrasts.Count,
            NotApplicable = notApplicable,
            Pairs = all.Count,
            FailedPairs = contrasts.Sum(c => c.Pairs.Count(p => !p.IsWhole)),
            UnchangedSuccess = Mean(all, p => p.Unchanged.Solved ? 1 : 0),
            ChangedSuccess = Mean(all, p => p.Changed.Solved ? 1 : 0),
            Success = whole.Count == 1
                ? PairedDifference.OfSuccess(Count(true, true), Count(true, false), Count(false, true), Count(false, false))
                : PairedDifference.OfMeans([.. whole.Select(e => e.Average(p => (p.Changed.Solved ? 1.0 : 0) - (p.Unchanged.Solved ? 1 : 0)))], 1),
            Lost = Count(true, false),
            Won = Count(false, true),
            UnchangedReturn = Mean(all, p => p.Unchanged.Return),
            ChangedReturn = Mean(all, p => p.Changed.Return),
            Return = PairedDifference.OfMeans(returns, span),
        };
    }

    private static double ReturnDifference(ContinuationPair pair) => pair.Changed.Return - pair.Unchanged.Return;

    private static double Mean(List<ContinuationPair> pairs, Func<ContinuationPair, double> value) => pairs.Select(value).DefaultIfEmpty(double.NaN).Average();
}

/// <summary>The result of asking what if.</summary>
/// <param name="PolicyVersion">Version of the policy that continued; null where it is not one of the run's.</param>
/// <param name="Effects">One a change, in the order asked for.</param>
/// <param name="Contrasts">All single results.</param>
public sealed record WhatIfReport(int? PolicyVersion, IReadOnlyList<ChangeEffect> Effects, IReadOnlyList<EpisodeContrast> Contrasts);
