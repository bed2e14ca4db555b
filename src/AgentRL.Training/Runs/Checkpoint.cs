using System.Globalization;
using System.Text.Json;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Weights;

namespace AgentRL.Training.Runs;

/// <summary>
/// A point from which a run can go on: <c>policy/</c> (a Hugging Face folder), <c>optimizer.safetensors</c>, <c>progress.json</c>. Written beside its
/// final name and renamed, so that an interrupted write leaves the one before it intact. What is between two checkpoints of the same step (an evaluation,
/// seconds) is in the progress alone, which is replaced in one go.
/// </summary>
public sealed class Checkpoint
{
    private const string ProgressFile = "progress.json", Unfinished = ".writing", WarmStart = "-0000000";

    private Checkpoint(string folder, RunProgress progress) => (Folder, Progress) = (folder, progress);

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>How far the run was.</summary>
    public RunProgress Progress { get; }

    /// <summary>The weights.</summary>
    public string Policy => Path.Combine(Folder, "policy");

    /// <summary>The optimizer's state.</summary>
    public string Optimizer => Path.Combine(Folder, "optimizer.safetensors");

    /// <summary>Writes a checkpoint, and removes the oldest beyond <paramref name="keep"/>; the one after the warm start stays.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="policy">Weights.</param>
    /// <param name="optimizer">Its state belongs to the phase that <paramref name="progress"/> is in.</param>
    /// <param name="keep">Checkpoints to keep.</param>
    public static Checkpoint Write(RunDirectory run, RunProgress progress, TransformerPolicy policy, AdamW optimizer, int keep)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{progress.WarmStartSteps:D7}-{progress.TrainingSteps:D7}");
        var final = Path.Combine(run.Checkpoints, name);
        if (Directory.Exists(final))
        {
            AtomicFile.WriteAllText(Path.Combine(final, ProgressFile), progress.ToJson());
            return new Checkpoint(final, progress);
        }
        var temporary = final + Unfinished;
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        var written = new Checkpoint(temporary, progress);
        PolicyFolder.Save(policy, written.Policy);
        foreach (var file in Directory.EnumerateFiles(run.Tokenizer)) File.Copy(file, Path.Combine(written.Policy, Path.GetFileName(file)));
        optimizer.Save(written.Optimizer);
        AtomicFile.WriteAllText(Path.Combine(temporary, ProgressFile), progress.ToJson());
        Directory.Move(temporary, final);
        var warm = Names(run).LastOrDefault(n => n.EndsWith(WarmStart, StringComparison.Ordinal));
        foreach (var old in Names(run).Reverse().Skip(keep).Where(n => n != warm)) Directory.Delete(Path.Combine(run.Checkpoints, old), recursive: true);
        return new Checkpoint(final, progress);
    }

    /// <summary>The newest checkpoint of a run; null where there is none.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static Checkpoint? Newest(RunDirectory run)
    {
        var name = Names(run).LastOrDefault();
        if (name is null) return null;
        var folder = Path.Combine(run.Checkpoints, name);
        var file = Path.Combine(folder, ProgressFile);
        try
        {
            return new Checkpoint(folder, RunProgress.FromJson(File.ReadAllText(file)));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new BadInputException($"{file}: cannot go on from this checkpoint: {e.Message}; remove its folder to go on from the one before");
        }
    }

    /// <summary>All checkpoints of a run that can be read, the oldest first.</summary>
    public static IReadOnlyList<Checkpoint> All(RunDirectory run)
    {
        var all = new List<Checkpoint>();
        foreach (var folder in Names(run).Select(name => Path.Combine(run.Checkpoints, name)))
        {
            try
            {
                all.Add(new Checkpoint(folder, RunProgress.FromJson(File.ReadAllText(Path.Combine(folder, ProgressFile)))));
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                // One that a running training removes just now, or that is damaged, is none.
            }
        }
        return all;
    }

    private static IEnumerable<string> Names(RunDirectory run) => !Directory.Exists(run.Checkpoints) ? [] :
        Directory.EnumerateDirectories(run.Checkpoints).Select(d => Path.GetFileName(d)).Where(d => !d.EndsWith(Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
