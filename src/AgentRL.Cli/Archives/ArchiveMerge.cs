using AgentRL.Archive.Maintenance;
using AgentRL.Training;

namespace AgentRL.Cli.Archives;

/// <summary>Carries out <c>agentrl archive merge</c>.</summary>
internal static class ArchiveMerge
{
    public static void Run(string[] runs, string output, bool skipDamaged, CliContext context, CancellationToken cancellationToken)
    {
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()) throw new BadInputException($"{output} exists and is not empty; give another --output folder");
        var sources = runs.Select(RunArchive.FolderOf).Zip(Names(runs), (folder, name) => (name, folder)).ToList();
        var archive = Path.Combine(output, "archive");
        var (episodes, damage) = ArchiveRewriter.Merge(sources, archive, skipDamaged, cancellationToken);
        foreach (var lost in damage) context.Error.WriteLine($"left out: {lost}");
        CopyTokenizer(runs, output, context);
        context.Out.WriteLine($"{output}: {RunArchive.Count(episodes, "episode")} of {RunArchive.Count(runs.Length, "run")}, {RunArchive.Size(ArchiveRewriter.SizeOf(archive))}");
    }

    /// <summary>The folders' names; a second one of the same name becomes <c>name-2</c>.</summary>
    internal static IReadOnlyList<string> Names(string[] runs)
    {
        var names = new List<string>();
        foreach (var run in runs)
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run)));
            names.Add(Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? name : $"{name}-{n}").First(n => !names.Contains(n)));
        }
        return names;
    }

    /// <summary>The tokens of all can be shown as text where all have one tokenizer.</summary>
    private static void CopyTokenizer(string[] runs, string output, CliContext context)
    {
        var files = runs.Select(r => Path.Combine(r, "tokenizer", "tokenizer.json")).ToList();
        if (!files.All(File.Exists)) return;
        var first = File.ReadAllBytes(files[0]);
        if (!files.Skip(1).All(f => File.ReadAllBytes(f).AsSpan().SequenceEqual(first)))
        {
            context.Error.WriteLine("the runs have different tokenizers: the merged run shows token ids instead of their text");
            return;
        }
        Directory.CreateDirectory(Path.Combine(output, "tokenizer"));
        // These two and nothing else that may lie there.
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            var file = Path.Combine(Path.GetDirectoryName(files[0])!, name);
            if (File.Exists(file)) File.Copy(file, Path.Combine(output, "tokenizer", name));
        }
    }
}
