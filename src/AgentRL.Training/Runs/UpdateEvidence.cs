using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using AgentRL.Training.Loop;

namespace AgentRL.Training.Runs;

/// <summary>When an update was skipped.</summary>
/// <param name="Step">For example <c>step-12</c>: the name of its folder.</param>
/// <param name="Update">Number of the skipped update in the step, from 1.</param>
/// <param name="PolicyVersion">Version of the weights.</param>
/// <param name="InARow">Skipped updates in a row, this one included.</param>
internal sealed record EvidencePlace(string Step, int Update, int PolicyVersion, int InARow);

/// <summary>
/// What is needed to repeat an update that was skipped: below <c>evidence/STEP/</c> the weights (<c>policy/</c>), and for each update its figures (<c>update-N.json</c>) and its batch
/// (<c>batch-N.jsonl</c>, a training sequence a line). The first ten steps are kept; a run that goes wrong at every step must not fill the disk.
/// </summary>
internal static class UpdateEvidence
{
    /// <summary>Folders kept.</summary>
    public const int Kept = 10;

    private static readonly JsonSerializerOptions Format = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly JsonSerializerOptions Indented = new(Format) { WriteIndented = true };

    /// <summary>Writes the evidence of one update.</summary>
    /// <returns>Its folder, relative to the run's; null where there are enough of them.</returns>
    public static string? Write(RunDirectory run, TransformerPolicy policy, EvidencePlace place, SkippedUpdate update)
    {
        var folder = Path.Combine(run.Evidence, place.Step);
        if (place.Update == 1)
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); // of a sitting that was killed behind its newest checkpoint
            if (Directory.Exists(run.Evidence) && Directory.GetDirectories(run.Evidence).Length >= Kept) return null;
            PolicyFolder.Save(policy, Path.Combine(folder, "policy"));
        }
        else if (!Directory.Exists(folder))
        {
            return null;
        }
        var keys = update.Episodes.Select(e => e.Key.ToString()).ToList();
        var lines = new StringBuilder();
        foreach (var s in update.Sequences) lines.Append(JsonSerializer.Serialize(new { s.Ids, s.Weights, s.BehaviourLogProbs, s.Advantage }, Format)).Append('\n');
        AtomicFile.WriteAllText(Path.Combine(folder, $"batch-{place.Update}.jsonl"), lines.ToString());
        AtomicFile.WriteAllText(Path.Combine(folder, $"update-{place.Update}.json"), JsonSerializer.Serialize(
            new
            {
                place.Step,
                place.Update,
                place.PolicyVersion,
                place.InARow,
                update.Loss,
                update.GradientNorm,
                Sequences = update.Sequences.Count,
                LossTokens = update.Sequences.Sum(s => s.Weights.Count(w => w != 0)),
                NonFiniteAdvantages = update.Sequences.Count(s => !float.IsFinite(s.Advantage)),
                NonFiniteLogProbs = update.Sequences.Sum(s => s.BehaviourLogProbs.Count(p => !float.IsFinite(p))),
                LargestAdvantage = update.Sequences.Select(s => Math.Abs(s.Advantage)).DefaultIfEmpty().Max(),
                Episodes = keys,
            },
            Indented) + "\n");
        return Path.GetRelativePath(run.Root, folder);
    }
}
