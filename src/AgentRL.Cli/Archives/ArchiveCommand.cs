using System.CommandLine;
using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Archive.Maintenance;
using AgentRL.Cli.Inspect;

namespace AgentRL.Cli.Archives;

/// <summary><c>agentrl archive</c>: checks, compacts, prunes and merges the archives of runs. Never while a run writes to them.</summary>
internal static class ArchiveCommand
{
    public static Command Create(CliContext context) => new("archive", "Check, compact, prune and merge the archives of runs.")
    {
        Verify(context), Compact(context), Prune(context), Merge(context),
    };

    private static Argument<string[]> Runs() => new("RUN") { Description = "Folders of runs.", Arity = ArgumentArity.OneOrMore };

    private static Option<bool> SkipDamaged() => new("--skip-damaged") { Description = "Leave out what is damaged, for good, and say what." };

    private static Command Verify(CliContext context)
    {
        var runs = Runs();
        var json = new Option<bool>("--json") { Description = "JSON, one archive a line." };
        var keep = new Option<bool>("--keep-index") { Description = "Do not rebuild the index, even where it does not fit." };
        var command = new Command("verify", "Read all of an archive: checksums, chain, every episode, the positions of checkpoints; rebuild its index where it does not fit. Exit code 1 where something is bad.")
        {
            runs, json, keep,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var sound = true;
            foreach (var run in parsed.GetValue(runs)!)
            {
                var folder = RunArchive.FolderOf(run);
                var check = ArchiveVerifier.Verify(folder, RunArchive.PositionsOf(run), parsed.GetValue(keep), cancellationToken);
                sound &= check.IsSound;
                if (parsed.GetValue(json)) context.Out.WriteLine(CheckText.Json(folder, check));
                else foreach (var line in CheckText.Lines(folder, check)) context.Out.WriteLine(line);
            }
            return Task.FromResult(sound ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private static Command Compact(CliContext context)
    {
        var runs = Runs();
        var skip = SkipDamaged();
        var command = new Command("compact", "Rewrite an archive in the newest format with large, well compressed frames. The old one stands until the new one is whole.") { runs, skip };
        command.SetAction((parsed, cancellationToken) =>
        {
            foreach (var run in parsed.GetValue(runs)!)
            {
                var options = new RewriteOptions { Positions = RunArchive.PositionsOf(run), SkipDamage = parsed.GetValue(skip) };
                Report(context, run, Rewrite(run, options, cancellationToken));
            }
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command Prune(CliContext context)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of the run." };
        var which = new QueryOptions();
        var last = SharedOptions.Count("--keep-last-steps", "Keep everything of the last N steps.", 1);
        var every = SharedOptions.Count("--keep-every", "Keep everything of each N-th step.", 1);
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would be removed." };
        var skip = SkipDamaged();
        var command = new Command("prune", "Remove the episodes that the options select, all where they select none, except those of the steps that are kept.") { run, last, every, dry, skip };
        which.AddTo(command, sorts: false);
        command.SetAction((parsed, cancellationToken) =>
        {
            var (keepLast, keepEvery) = (parsed.GetValue(last), parsed.GetValue(every));
            if (keepLast is null && keepEvery is null && !which.IsGiven(parsed))
                throw new UsageException("prune: say what to remove (--phase, --step, --reward, …) or what to keep (--keep-last-steps, --keep-every)");
            var query = which.Build(parsed);
            var options = new RewriteOptions
            {
                Positions = RunArchive.PositionsOf(parsed.GetValue(run)!),
                SkipDamage = parsed.GetValue(skip),
                DryRun = parsed.GetValue(dry),
                Drop = index => Drop(index, query, keepLast, keepEvery),
            };
            Report(context, parsed.GetValue(run)!, Rewrite(parsed.GetValue(run)!, options, cancellationToken));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command Merge(CliContext context)
    {
        var runs = Runs();
        var output = new Option<string>("--output") { Description = "Folder of the new run; it must not exist or be empty.", HelpName = "FOLDER", Required = true };
        var skip = SkipDamaged();
        var command = new Command("merge", "Write the episodes of several runs as one archive. Phases get the run's name in front: first/train/12/3/0; --phase first finds all of a run.") { runs, output, skip };
        command.SetAction((parsed, cancellationToken) =>
        {
            ArchiveMerge.Run(parsed.GetValue(runs)!, parsed.GetValue(output)!, parsed.GetValue(skip), context, cancellationToken);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static HashSet<long> Drop(ArchiveIndex index, EpisodeQuery query, int? keepLast, int? keepEvery)
    {
        var newest = index.Page(new EpisodeQuery { Order = EpisodeOrder.Step, Limit = 1 }).Entries;
        var from = keepLast is { } n && newest.Count > 0 ? newest[0].Key.Step - n + 1 : int.MaxValue;
        return [.. index.Find(query).Where(e => e.Key.Step < from && !(keepEvery is { } k && e.Key.Step % k == 0)).Select(e => e.Number)];
    }

    private static RewriteResult Rewrite(string run, RewriteOptions options, CancellationToken cancellationToken)
    {
        var folder = RunArchive.FolderOf(run);
        var result = ArchiveRewriter.Rewrite(folder, options, cancellationToken);
        if (!options.DryRun) ArchiveIndex.Open(new ArchiveReader(folder), Path.Combine(folder, ArchiveIndex.FileName)).Dispose();
        return result;
    }

    private static void Report(CliContext context, string run, RewriteResult result)
    {
        foreach (var damage in result.Damage) context.Error.WriteLine($"left out: {damage}");
        var removed = result.EpisodesBefore - result.EpisodesAfter;
        var episodes = removed == 0 ? RunArchive.Count(result.EpisodesAfter, "episode") : $"{removed:N0} of {RunArchive.Count(result.EpisodesBefore, "episode")} removed";
        context.Out.WriteLine(result.BytesAfter is { } after
            ? $"{run}: {episodes}, {RunArchive.Size(result.BytesBefore)} -> {RunArchive.Size(after)}"
            : $"{run}: would leave {RunArchive.Count(result.EpisodesAfter, "episode")} of {result.EpisodesBefore:N0}; nothing was changed");
    }
}
