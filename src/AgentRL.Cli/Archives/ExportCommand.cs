using System.CommandLine;
using AgentRL.Archive;
using AgentRL.Archive.Exchange;
using AgentRL.Archive.Index;
using AgentRL.Archive.Maintenance;
using AgentRL.Cli.Inspect;
using AgentRL.Training;

namespace AgentRL.Cli.Archives;

/// <summary><c>agentrl export</c>: episodes for other programs, with all their tokens.</summary>
internal static class ExportCommand
{
    public static Command Create(CliContext context)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of the run." };
        var output = new Option<string>("--output") { Description = "The file; it appears when it is whole.", HelpName = "FILE", Required = true };
        var format = Format();
        var which = new QueryOptions();
        var limit = SharedOptions.Count("--limit", "How many episodes at most. Default all.", 1);
        var skip = new Option<bool>("--skip-damaged") { Description = "Leave out damaged parts of the archive and say which." };
        var command = new Command("export", "Write episodes as JSON Lines or Parquet: tokens with kinds, loss, log-probabilities, entropies and advantages, turns, memory events. In the order in which they were written, unless --sort says otherwise.")
        {
            run, output, format, limit, skip,
        };
        which.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = which.Build(parsed) with { Limit = parsed.GetValue(limit) ?? int.MaxValue };
            if (query.Order == EpisodeOrder.Written) query = query with { Descending = false };
            var file = parsed.GetValue(output)!;
            var chosen = Chosen(parsed.GetValue(format), file);
            var folder = RunArchive.FolderOf(parsed.GetValue(run)!);
            var reader = new ArchiveReader(folder, parsed.GetValue(skip));
            using var index = ArchiveIndex.Open(reader, Path.Combine(folder, ArchiveIndex.FileName));
            foreach (var damage in reader.Damage) context.Error.WriteLine($"skipped: {damage}");
            var count = await EpisodeFile.WriteAsync(file, chosen, index.Read(query), cancellationToken);
            context.Out.WriteLine($"{file}: {RunArchive.Count(count, "episode")}, {RunArchive.Size(new FileInfo(file).Length)}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>--format</c>.</summary>
    internal static Option<string?> Format() => new("--format") { Description = "jsonl or parquet. Default by the file's name.", HelpName = "FORMAT" };

    /// <summary>The format that is meant.</summary>
    internal static ExchangeFormat Chosen(string? format, string file) => format switch
    {
        null => EpisodeFile.FormatOf(file) ?? throw new UsageException($"'{file}': the name says no format; end it in .jsonl or .parquet, or give --format"),
        "jsonl" => ExchangeFormat.Jsonl,
        "parquet" => ExchangeFormat.Parquet,
        _ => throw new UsageException($"--format: '{format}' is not known; write jsonl or parquet"),
    };
}

/// <summary><c>agentrl import</c>: a run's archive from an exported file.</summary>
internal static class ImportCommand
{
    public static Command Create(CliContext context)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files that export wrote, or another program with the same fields.", Arity = ArgumentArity.OneOrMore };
        var run = new Option<string>("--run") { Description = "Folder of the new run; it must not hold an archive.", HelpName = "FOLDER", Required = true };
        var format = ExportCommand.Format();
        var command = new Command("import", "Make an archive of exported episodes: what export wrote comes back bit for bit.") { files, run, format };
        command.SetAction((parsed, cancellationToken) =>
        {
            var sources = parsed.GetValue(files)!.Select(f => (File: f, Format: ExportCommand.Chosen(parsed.GetValue(format), f))).ToList();
            if (sources.FirstOrDefault(s => !File.Exists(s.File)).File is { } missing) throw new BadInputException($"there is no file '{missing}'");
            var folder = Path.Combine(parsed.GetValue(run)!, "archive");
            var count = ArchiveRewriter.Create(folder, sources.SelectMany(s => EpisodeFile.Read(s.File, s.Format)), cancellationToken: cancellationToken);
            context.Out.WriteLine($"{parsed.GetValue(run)}: {RunArchive.Count(count, "episode")}, {RunArchive.Size(ArchiveRewriter.SizeOf(folder))}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
