using System.CommandLine;
using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Episodes;
using AgentRL.Lineage;

namespace AgentRL.Cli.Inspect;

/// <summary><c>agentrl diff RUN EPISODE EPISODE</c>: two episodes side by side, from where they part.</summary>
internal static class DiffCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "Folder of the run." };
        var left = new Argument<string>("EPISODE1") { Description = "An episode, for example train/12/3/0." };
        var right = new Argument<string>("EPISODE2") { Description = "Another episode." };
        var other = new Option<string?>("--other") { Description = "Folder of another run that EPISODE2 is in.", HelpName = "RUN2" };
        var json = new Option<bool>("--json") { Description = "JSON, on one line." };
        var skip = new Option<bool>("--skip-damaged") { Description = "Leave out damaged parts of the archives and say which." };
        var command = new Command("diff", "Show two episodes side by side, from the turn at which they part.") { run, left, right, other, json, skip };
        command.SetAction(parsed =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            try
            {
                var first = Read(parsed.GetValue(run)!, InspectRequest.ParseKey(parsed.GetValue(left)!, "EPISODE1"), parsed.GetValue(skip), errors);
                var second = Read(parsed.GetValue(other) ?? parsed.GetValue(run)!, InspectRequest.ParseKey(parsed.GetValue(right)!, "EPISODE2"), parsed.GetValue(skip), errors);
                var comparison = EpisodeComparison.Of(first, second);
                var output = InspectCommand.OutputOf(parsed.InvocationConfiguration);
                if (parsed.GetValue(json)) output.Raw(InspectJson.Of(comparison));
                else new DiffView(comparison, output).Show();
                return ExitCode.Done;
            }
            catch (Exception e) when (e is ArchiveException or UsageException)
            {
                errors.WriteLine($"agentrl diff: {e.Message}");
                return ExitCode.BadInput;
            }
        });
        return command;
    }

    private static Episode Read(string run, EpisodeKey key, bool skipDamaged, TextWriter errors)
    {
        if (!Directory.Exists(run)) throw new UsageException($"there is no run at '{run}'");
        var folder = Path.Combine(run, "archive");
        var reader = new ArchiveReader(folder, skipDamaged);
        using var index = ArchiveIndex.Open(reader, Path.Combine(folder, "index.db"));
        foreach (var damage in reader.Damage) errors.WriteLine($"skipped: {damage}");
        return index.Read(index.Find(key) ?? throw new UsageException($"the archive of '{run}' holds no episode {key}"));
    }
}
