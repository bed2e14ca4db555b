using System.Globalization;
using System.Text.Json;
using AgentRL.Archive.Durability;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Weights;

namespace AgentRL.Training.Runs;

/// <summary>
/// A point from which a run can go on: <c>policy/</c> (a Hugging Face folder), <c>optimizer.safetensors</c>, and <c>progress.json</c> with a checksum of every file.
/// Written beside its final name, synced and renamed, so that an interrupted write or a loss of power leaves the one before it intact. What is between two checkpoints of
/// the same step (an evaluation, seconds) is in the progress alone, which is replaced in one go.
/// </summary>
public sealed class Checkpoint
{
    private const string Unfinished = ".writing", Damaged = ".damaged", WarmStart = "-0000000";

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
            var before = CheckpointManifest.Read(final);
            AtomicFile.WriteAllText(Path.Combine(final, CheckpointManifest.Name), (before with { Progress = progress }).ToJson());
            return new Checkpoint(final, progress);
        }
        if (!Directory.Exists(run.Checkpoints))
        {
            Directory.CreateDirectory(run.Checkpoints);
            Disk.SyncFolder(run.Root);
        }
        var temporary = final + Unfinished;
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        var written = new Checkpoint(temporary, progress);
        Disk.Reached("checkpoint: begun");
        PolicyFolder.Save(policy, written.Policy);
        Disk.Reached("checkpoint: weights written");
        foreach (var file in Directory.EnumerateFiles(run.Tokenizer)) File.Copy(file, Path.Combine(written.Policy, Path.GetFileName(file)));
        optimizer.Save(written.Optimizer);
        Disk.Reached("checkpoint: optimizer written");
        Disk.SyncTree(temporary);
        AtomicFile.WriteAllText(Path.Combine(temporary, CheckpointManifest.Name), CheckpointManifest.Of(temporary, progress).ToJson());
        Disk.Reached("checkpoint: before it counts");
        Disk.MoveFolder(temporary, final);
        Disk.Reached("checkpoint: counts");
        var warm = Names(run).LastOrDefault(n => n.EndsWith(WarmStart, StringComparison.Ordinal));
        foreach (var old in Names(run).Reverse().Skip(keep).Where(n => n != warm)) Directory.Delete(Path.Combine(run.Checkpoints, old), recursive: true);
        return new Checkpoint(final, progress);
    }

    /// <summary>The newest intact checkpoint of a run; null where there is none yet.</summary>
    /// <param name="run">The run.</param>
    /// <param name="told">Hears of each newer one that is damaged, in a sentence.</param>
    /// <param name="setAside">Whether damaged ones are renamed, so that the run can write theirs anew; only for whoever holds the run.</param>
    /// <exception cref="BadInputException">There are checkpoints, and all are damaged.</exception>
    public static Checkpoint? Newest(RunDirectory run, Action<string>? told = null, bool setAside = false)
    {
        var faults = new List<(string Folder, string Fault)>();
        foreach (var folder in Names(run).Reverse().Select(name => Path.Combine(run.Checkpoints, name)))
        {
            var (checkpoint, fault) = Read(folder);
            if (fault is not null)
            {
                faults.Add((folder, fault));
                continue;
            }
            foreach (var damaged in faults)
            {
                var left = setAside ? SetAside(damaged.Folder) : damaged.Folder;
                told?.Invoke($"The checkpoint {Path.GetFileName(damaged.Folder)} is damaged: {damaged.Fault}. Going on from {Path.GetFileName(folder)}, the one before; the damaged one is left as {left}");
            }
            return checkpoint;
        }
        return faults.Count == 0 ? null : throw new BadInputException(
            $"{run.Checkpoints}: cannot go on from any checkpoint: {string.Join("; ", faults.Select(f => f.Fault))}; remove the folder to go on from the beginning");
    }

    /// <summary>All checkpoints of a run that can be read, the oldest first.</summary>
    public static IReadOnlyList<Checkpoint> All(RunDirectory run)
    {
        var all = new List<Checkpoint>();
        foreach (var folder in Names(run).Select(name => Path.Combine(run.Checkpoints, name)))
        {
            try
            {
                all.Add(new Checkpoint(folder, CheckpointManifest.Read(folder).Progress));
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                // One that a running training removes just now, or that is damaged, is none.
            }
        }
        return all;
    }

    private static (Checkpoint? Checkpoint, string? Fault) Read(string folder)
    {
        try
        {
            var manifest = CheckpointManifest.Read(folder);
            return (new Checkpoint(folder, manifest.Progress), manifest.Fault(folder));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return (null, $"{Path.Combine(folder, CheckpointManifest.Name)}: {e.Message}");
        }
    }

    private static string SetAside(string folder)
    {
        var aside = folder + Damaged;
        if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        Disk.MoveFolder(folder, aside);
        return aside;
    }

    private static IEnumerable<string> Names(RunDirectory run) => !Directory.Exists(run.Checkpoints) ? [] :
        Directory.EnumerateDirectories(run.Checkpoints).Select(d => Path.GetFileName(d))
            .Where(d => !d.EndsWith(Unfinished, StringComparison.Ordinal) && !d.EndsWith(Damaged, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();

    /// <summary>How far the run was at a checkpoint; its other files are not looked at.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="System.Text.Json.JsonException">What it says of itself is damaged, or of another version.</exception>
    /// <exception cref="IOException">It is missing, or cannot be read.</exception>
    public static RunProgress ProgressOf(string folder) => CheckpointManifest.Read(folder).Progress;
}
