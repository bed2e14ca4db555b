using System.Security.Cryptography;
using System.Text;
using AgentRL.Environments;
using AgentRL.Training.Configuration;
using AgentRL.Training.Experiments;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Experiments;

/// <summary>
/// Trainings that another experiment has done already. A run is a function of its configuration, seed and start, so one of the same settings, made by the same sources, is taken over instead of made
/// again: experiments share warm starts.
/// </summary>
/// <param name="runs">The folder of all experiments' runs.</param>
/// <param name="commit">The commit of the sources; null, or with a <c>+</c> where sources differ from it, takes nothing over.</param>
/// <param name="catalog">The environments that configurations may name.</param>
internal sealed class DoneTrainings(string runs, string? commit, EnvironmentCatalog catalog)
{
    private const string Own = "sweep", Measured = "evaluations"; // what belongs to the experiment that made a run

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Notes in a run's folder that it is done: nobody writes to it any more, and it can be copied.</summary>
    public void Note(PlannedRun run)
    {
        if (Sources is null || File.Exists(NoteOf(run.Folder))) return;
        Directory.CreateDirectory(Path.GetDirectoryName(NoteOf(run.Folder))!);
        AtomicFile.WriteAllText(NoteOf(run.Folder), NoteFor(run));
    }

    /// <summary>Copies the training of another run that has the same settings.</summary>
    /// <returns>Where it was found, or null: then nothing has been done.</returns>
    public string? TakeOver(PlannedRun run)
    {
        // Counterfactuals begin from episodes of the archive, which has those of the other experiment's measurements, too.
        if (Sources is null || run.WhatIf is not null || Directory.Exists(run.Folder) || !Directory.Exists(runs)) return null;
        var note = NoteFor(run);
        var found = Directory.EnumerateDirectories(runs).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal).FirstOrDefault(f => File.Exists(NoteOf(f)) && File.ReadAllText(NoteOf(f)) == note);
        if (found is null) return null;
        var copy = run.Folder + ".copy";
        if (Directory.Exists(copy)) Directory.Delete(copy, recursive: true);
        foreach (var file in Directory.EnumerateFiles(found, "*", Everything))
        {
            var name = Path.GetRelativePath(found, file);
            if (name.Split(Path.DirectorySeparatorChar)[0] is Own or Measured) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, name))!);
            File.Copy(file, Path.Combine(copy, name));
        }
        Directory.Move(copy, run.Folder);
        return found;
    }

    private string? Sources => commit is not null && !commit.EndsWith('+') ? commit : null;

    private string NoteFor(PlannedRun run) => $"{KeyOf(run)} {Sources}\n";

    /// <summary>Names what a training is a function of, apart from the program: all settings, with the folder of the policy that it begins from replaced by that policy's own key.</summary>
    private string KeyOf(PlannedRun run)
    {
        var settings = run.Settings.Where(s => !PlannedRun.IsStartFolder(s)).ToList();
        var text = ConfigurationWriter.Write(ConfigurationLoader.Load(run.Configuration, settings, catalog)) + (run.Start is null ? "" : KeyOf(run.Start));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string NoteOf(string folder) => Path.Combine(folder, Own, "training.txt");
}
