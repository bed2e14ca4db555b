using AgentRL.Episodes;

namespace AgentRL.Credit;

/// <summary>One segment as the learner sees it. Position t of each array is about token t, predicted from the tokens before it.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Weights">Weight of each token in the loss, 1/N included; 0 bears none.</param>
/// <param name="BehaviourLogProbs">Log-probability of each sampled token under the policy that sampled it; 0 elsewhere.</param>
/// <param name="Advantage">The episode's advantage.</param>
public sealed record CreditedSequence(int[] Ids, float[] Weights, float[] BehaviourLogProbs, float Advantage)
{
    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>Supervised targets from a demonstration: all sampled tokens, equal weights.</summary>
    /// <param name="episodes">Demonstrations.</param>
    public static IReadOnlyList<CreditedSequence> Supervised(IReadOnlyList<Episode> episodes)
    {
        var tokens = episodes.Sum(e => e.Segments.Sum(s => s.LossTokens));
        return [.. episodes.SelectMany(e => e.Segments).Where(s => s.LossTokens > 0)
            .Select(s => new CreditedSequence(s.Ids, [.. s.Loss.Select(l => l ? 1f / tokens : 0f)], s.LogProbs, 1))];
    }
}
