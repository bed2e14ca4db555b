using System.Globalization;
using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Training;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Archives;

/// <summary>The archive of a run's folder, as commands are given it.</summary>
internal static class RunArchive
{
    /// <summary>The archive's folder.</summary>
    /// <exception cref="BadInputException">There is no run.</exception>
    public static string FolderOf(string run) => Directory.Exists(run) ? Path.Combine(run, "archive") : throw new BadInputException($"there is no run at '{run}'");

    /// <summary>The positions that the run's checkpoints hold; empty where it has none.</summary>
    /// <exception cref="BadInputException">A checkpoint cannot be read.</exception>
    public static IReadOnlyList<ArchivePosition> PositionsOf(string run)
    {
        var checkpoints = Path.Combine(run, "checkpoints");
        if (!Directory.Exists(checkpoints)) return [];
        var positions = new List<ArchivePosition>();
        foreach (var file in Directory.EnumerateFiles(checkpoints, "progress.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                if (Checkpoint.ProgressOf(Path.GetDirectoryName(file)!).ArchivePosition is { } position) positions.Add(ArchivePosition.Parse(position));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                throw new BadInputException($"{file}: the checkpoint cannot be read: {e.Message}");
            }
        }
        return [.. positions.Where(p => p.Episodes > 0).Distinct()];
    }

    /// <summary>A size for people.</summary>
    public static string Size(long bytes) => bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.0} MiB");

    /// <summary>A count for people.</summary>
    public static string Count(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {thing}{(count == 1 ? "" : "s")}");
}
