using System.ComponentModel.DataAnnotations;
using AgentRL.Contexts;
using AgentRL.Episodes;

namespace AgentRL.Credit;

/// <summary>
/// The weights λ of the penalties in R = R_task − λ_c·P_c − λ_r·P_r − λ_f·P_f (Memex, arXiv 2603.04257, section 3.3). What is not set is the paper's weight under
/// <c>indexed</c>, and 0 under the other strategies.
/// </summary>
public sealed record PenaltyWeights
{
    /// <summary>λ_c, of context above τ; when not set, 1 under <c>indexed</c> and 0 elsewhere.</summary>
    [Range(0.0, 100.0)]
    public double? ContextOverflow { get; init; }

    /// <summary>λ_r, of redundant calls; when not set, 0.05 under <c>indexed</c> and 0 elsewhere.</summary>
    [Range(0.0, 100.0)]
    public double? Redundancy { get; init; }

    /// <summary>λ_f, of malformed turns; when not set, 1 under <c>indexed</c> and 0 elsewhere.</summary>
    [Range(0.0, 100.0)]
    public double? Format { get; init; }

    /// <summary>An episode's reward less its weighted penalties.</summary>
    public double ReturnOf(Episode episode)
    {
        var papers = episode.Strategy == ContextStrategies.NameOf(ContextStrategyKind.Indexed) ? 1.0 : 0;
        var p = episode.Penalties;
        return episode.Reward - ((ContextOverflow ?? papers) * p.ContextOverflow) - ((Redundancy ?? (0.05 * papers)) * p.Redundancy) - ((Format ?? papers) * p.Format);
    }
}
