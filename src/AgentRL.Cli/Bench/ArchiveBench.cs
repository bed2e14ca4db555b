using System.CommandLine;
using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Episodes;

namespace AgentRL.Cli.Bench;

/// <summary><c>agentrl bench archive</c>: how fast an archive of many episodes is written, opened and asked.</summary>
internal sealed class ArchiveBench(CliContext context, CancellationToken cancellationToken)
{
    private readonly List<BenchFigure> figures = [];

    public static Command Create(CliContext context)
    {
        var episodes = SharedOptions.Count("--episodes", "Episodes to write. Default 100000.", 1);
        var tokens = SharedOptions.Count("--tokens", "Tokens of each. Default 500.", 1);
        var folder = new Option<string?>("--folder") { Description = "Write the archive there and leave it; goes on with what is there. Default a temporary folder.", HelpName = "FOLDER" };
        var json = new Option<string?>("--json") { Description = "Write the figures to a file, too.", HelpName = "FILE" };
        var command = new Command("archive", "Measure the archive: writing, opening, queries of a page.") { episodes, tokens, folder, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var bench = new ArchiveBench(context, cancellationToken);
            var (count, length) = (parsed.GetValue(episodes) ?? 100_000, parsed.GetValue(tokens) ?? 500);
            if (parsed.GetValue(folder) is { } kept) bench.Run(kept, count, length);
            else
            {
                var temporary = Directory.CreateTempSubdirectory("agentrl-bench-");
                try
                {
                    bench.Run(temporary.FullName, count, length);
                }
                finally
                {
                    temporary.Delete(recursive: true);
                }
            }
            if (parsed.GetValue(json) is { } file) BenchFigure.Save(bench.figures, file);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private void Run(string folder, int episodes, int tokens)
    {
        Write(folder, episodes, tokens);
        var logs = Directory.EnumerateFiles(folder, "*.log").Sum(f => new FileInfo(f).Length);
        Add(new BenchFigure("archive.size", logs / (1024.0 * 1024), "MiB"));
        var file = Path.Combine(folder, "index.db");
        foreach (var name in new[] { file, file + ".seal" }) File.Delete(name);
        Timed("archive.index.build", () => ArchiveIndex.Open(new ArchiveReader(folder), file).Dispose());
        Add(new BenchFigure("archive.index.size", new FileInfo(file).Length / (1024.0 * 1024), "MiB"));
        Timed("archive.open", () => ArchiveIndex.Open(new ArchiveReader(folder), file).Dispose());
        using var index = ArchiveIndex.Open(new ArchiveReader(folder), file);
        foreach (var (name, query) in Queries(episodes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Timed("archive.query." + name, () => index.Page(query), repeats: 5);
        }
        Timed("archive.query.groups", () => index.Groups(new EpisodeQuery { Phase = "train", Limit = 50 }), repeats: 5);
        Timed("archive.read.episode", () => index.Read(index.Find(new EpisodeKey("train", 0, 0, 0))!), repeats: 5);
    }

    private static IEnumerable<(string Name, EpisodeQuery Query)> Queries(int episodes)
    {
        var page = new EpisodeQuery { Limit = 50 };
        yield return ("newest", page);
        yield return ("middle", page with { Offset = episodes / 2 });
        yield return ("filtered", page with { Phase = "train", Environment = "functions/scan_max", StepFrom = 10, RewardTo = 0.5, RoundsFrom = 1, MemoryReadsFrom = 1, MemoryWritesTo = 3, TokensTo = 100_000 });
        foreach (var order in Enum.GetValues<EpisodeOrder>().Skip(1)) yield return ("by." + order.ToString().ToLowerInvariant(), page with { Order = order });
        yield return ("by.return.last_page", page with { Order = EpisodeOrder.Return, Offset = Math.Max(0, episodes - 50) });
        yield return ("group", page with { Phase = "train", StepFrom = 3, StepTo = 3, Group = 2 });
        yield return ("text.common", page with { Text = "read_experience" });
        yield return ("text.rare", page with { Text = $"\"SEED\":{episodes / 16}," });
        yield return ("text.absent", page with { Text = "no such text anywhere" });
        yield return ("text.two_characters", page with { Text = "}}" });
        // Each of its trigrams is in every cell, so that the index is no help; a page breaks the search off.
        yield return ("text.worst", page with { Text = "place 25", SearchLimit = 2000 });
    }

    private void Write(string folder, int episodes, int tokens)
    {
        using var writer = ArchiveWriter.Open(folder);
        var began = context.Time.GetTimestamp();
        var first = (int)Math.Min(episodes, writer.Position.Episodes);
        for (var i = first; i < episodes; i++)
        {
            if (i % 10_000 == 0) cancellationToken.ThrowIfCancellationRequested();
            writer.Append(ArchiveEpisodes.Make(i, tokens));
        }
        writer.Flush();
        if (first < episodes) Add(new BenchFigure("archive.write", (episodes - first) / context.Time.GetElapsedTime(began).TotalSeconds, "episodes/s"));
    }

    /// <summary>The median of some repeats, after one that warms up.</summary>
    private void Timed(string name, Action act, int repeats = 1)
    {
        if (repeats > 1) act();
        var times = new List<double>();
        for (var i = 0; i < repeats; i++)
        {
            var began = context.Time.GetTimestamp();
            act();
            times.Add(context.Time.GetElapsedTime(began).TotalMilliseconds);
        }
        times.Sort();
        Add(new BenchFigure(name, times[times.Count / 2], "ms"));
    }

    private void Add(BenchFigure figure)
    {
        figures.Add(figure);
        context.Out.WriteLine(figure);
    }
}
