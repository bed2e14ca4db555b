using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Torch.Models;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Loop;

/// <summary>An update that was skipped because its loss or its gradient was not finite.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="GradientNorm">The gradient's norm; not a number where the loss alone decided.</param>
/// <param name="Episodes">The mini-batch.</param>
/// <param name="Sequences">What the learner made of it.</param>
public sealed record SkippedUpdate(double Loss, double GradientNorm, IReadOnlyList<Episode> Episodes, IReadOnlyList<CreditedSequence> Sequences);

/// <summary>Keeps the evidence of skipped updates, and stops a run in which nothing else comes any more.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="policy">The policy being trained.</param>
/// <param name="limit">Skipped updates in a row after which the run stops.</param>
/// <param name="inARow">How many there have been.</param>
/// <param name="reporter">Is told of each.</param>
public sealed class NonFiniteGuard(RunDirectory run, TransformerPolicy policy, int limit, int inARow, IRunReporter reporter)
{
    private string step = "";
    private int policyVersion, number;

    /// <summary>Skipped updates in a row, up to now.</summary>
    public int InARow { get; private set; } = inARow;

    /// <summary>A step begins.</summary>
    /// <param name="name">For example <c>step-12</c>.</param>
    /// <param name="version">Version of the weights.</param>
    public void Begin(string name, int version) => (step, policyVersion, number) = (name, version, 0);

    /// <summary>An update was made.</summary>
    public void Applied() => (InARow, policyVersion) = (0, policyVersion + 1);

    /// <summary>An update was skipped.</summary>
    /// <exception cref="NonFiniteException">It was one too many.</exception>
    public void Skipped(SkippedUpdate update)
    {
        InARow++;
        var folder = UpdateEvidence.Write(run, policy, new EvidencePlace(step, ++number, policyVersion, InARow), update);
        var what = $"{step}: update skipped, loss {update.Loss}, gradient norm {update.GradientNorm}; {(folder is null ? "the evidence folder is full" : $"evidence in {folder}")}";
        reporter.Message(what);
        if (InARow < limit) return;
        throw new NonFiniteException(
            $"stopped: {InARow} updates in a row were not finite (training.stop_after_non_finite). The last was {what}. The weights are those from before; look at the "
            + "rewards and log-probabilities of the batch, training.learning_rate, algorithm.kl_coef and the reference, and whether the policy's weights are finite");
    }
}
