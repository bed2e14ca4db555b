using System.Text.Json;
using AgentRL.Archive.Durability;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;

namespace AgentRL.Training.Runs;

/// <summary>
/// Everything a run leaves, in one folder: <c>run.json</c> (format version), <c>config.yaml</c> (as resolved), <c>tokenizer/</c>, <c>checkpoints/</c>,
/// <c>policy/</c> (the final weights), <c>archive/</c>, <c>metrics.jsonl</c>, <c>tensorboard/</c>, <c>plots/</c>, <c>summary.json</c>,
/// and <c>evidence/</c> where updates had to be skipped.
/// </summary>
public sealed class RunDirectory
{
    /// <summary>Version of the folder's layout; a run of another version is refused.</summary>
    public const int FormatVersion = 1;

    private RunDirectory(string path) => Root = path;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The resolved configuration.</summary>
    public string Configuration => Path.Combine(Root, "config.yaml");

    /// <summary>The tokenizer's folder.</summary>
    public string Tokenizer => Path.Combine(Root, "tokenizer");

    /// <summary>The checkpoints' folder.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>The final policy, a Hugging Face folder.</summary>
    public string Policy => Path.Combine(Root, "policy");

    /// <summary>The trajectory archive's folder.</summary>
    public string Archive => Path.Combine(Root, "archive");

    /// <summary>One JSON object a line.</summary>
    public string Metrics => Path.Combine(Root, "metrics.jsonl");

    /// <summary>TensorBoard's event files.</summary>
    public string TensorBoard => Path.Combine(Root, "tensorboard");

    /// <summary>What updates were made of that had to be skipped, a folder a step.</summary>
    public string Evidence => Path.Combine(Root, "evidence");

    /// <summary>Pictures.</summary>
    public string Plots => Path.Combine(Root, "plots");

    /// <summary>The result, for programs.</summary>
    public string Summary => Path.Combine(Root, "summary.json");

    private string Marker => Path.Combine(Root, "run.json");

    /// <summary>Creates a run's folder.</summary>
    /// <exception cref="BadInputException">The folder exists and is not empty.</exception>
    public static RunDirectory Create(string path)
    {
        ThrowIfTaken(path);
        var run = new RunDirectory(Path.GetFullPath(path));
        Directory.CreateDirectory(run.Root);
        Disk.SyncFolder(Path.GetDirectoryName(run.Root) ?? run.Root);
        AtomicFile.WriteAllText(run.Marker, JsonSerializer.Serialize(new { format = FormatVersion, by = "agentrl" }) + "\n");
        return run;
    }

    /// <summary>Makes sure that a run can be created in a folder.</summary>
    /// <exception cref="BadInputException">The folder exists and is not empty.</exception>
    public static void ThrowIfTaken(string path)
    {
        var run = new RunDirectory(Path.GetFullPath(path));
        if (File.Exists(run.Marker)) throw new BadInputException($"{path} already holds a run; give --resume to go on with it, or another --run folder");
        if (Directory.Exists(run.Root) && Directory.EnumerateFileSystemEntries(run.Root).Any(path => path != run.Marker + ".tmp")) // a run that ended before it began
            throw new BadInputException($"{path} exists and is not empty; give another --run folder");
    }

    /// <summary>Opens a run's folder.</summary>
    /// <exception cref="BadInputException">There is no run in it, or one of another format.</exception>
    public static RunDirectory Open(string path)
    {
        var run = new RunDirectory(Path.GetFullPath(path));
        if (!Directory.Exists(run.Root)) throw new BadInputException($"{path}: no such folder; give a run's folder, for example one below runs/");
        if (!File.Exists(run.Marker)) throw new BadInputException(
            $"{path} is not a run's folder (it has no run.json){(File.Exists(run.Marker + ".tmp") ? "; the run ended before it began: begin it again, without --resume" : "")}");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(run.Marker));
            var version = json.RootElement.GetProperty("format").GetInt32();
            if (version != FormatVersion) throw new BadInputException($"{run.Marker}: format {version} is not the {FormatVersion} that this version reads");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadInputException($"{run.Marker}: not readable as a run's marker: {e.Message}");
        }
        return run;
    }

    /// <summary>Keeps what a run is a function of: its settings and its tokenizer.</summary>
    internal void Keep(RunInputs inputs)
    {
        Keep(inputs.Configuration);
        inputs.Tokenizer.Save(Tokenizer);
        Disk.SyncTree(Tokenizer);
        Disk.SyncFolder(Root);
    }

    /// <summary>Keeps the settings.</summary>
    internal void Keep(RunConfiguration configuration) => AtomicFile.WriteAllText(Configuration, ConfigurationWriter.Write(configuration));

    /// <summary>Keeps other processes from training in the folder until it is disposed (or the process ends). Readers are not kept out.</summary>
    /// <exception cref="BadInputException">Another process trains in it.</exception>
    public IDisposable Hold()
    {
        try
        {
            return new FileStream(Path.Combine(Root, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new BadInputException($"{Root}: another process is training in this folder ({e.Message})", e);
        }
    }

    /// <summary>A name for a new run below <paramref name="parent"/>: the configuration's name, and a number where it is taken.</summary>
    public static string FreeName(string parent, string configurationPath)
    {
        var name = Path.GetFileNameWithoutExtension(configurationPath);
        var path = Path.Combine(parent, name);
        for (var n = 2; Directory.Exists(path); n++) path = Path.Combine(parent, $"{name}-{n}");
        return path;
    }
}
