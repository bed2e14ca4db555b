using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Credit;
using AgentRL.Lineage;
using AgentRL.Tokens;
using AgentRL.Training;

namespace AgentRL.Cli.Inspect;

/// <summary>Carries out <c>agentrl inspect</c>. Returns the exit code: 0, or 2 with a message on the error output.</summary>
internal sealed class InspectRunner(Func<string, ITokenizer> loadTokenizer, IInspectOutput output, TextWriter errors, Func<string, AlgorithmOptions>? loadAlgorithm = null)
{
    public int Run(InspectRequest request)
    {
        try
        {
            Show(request);
            return 0;
        }
        catch (Exception e) when (e is ArchiveException or UsageException)
        {
            errors.WriteLine($"agentrl inspect: {e.Message}");
            return 2;
        }
    }

    private void Show(InspectRequest request)
    {
        if (!Directory.Exists(request.Run)) throw new UsageException($"there is no run at '{request.Run}'");
        var folder = Path.Combine(request.Run, "archive");
        var reader = new ArchiveReader(folder, request.SkipDamaged);
        using var index = ArchiveIndex.Open(reader, Path.Combine(folder, "index.db"));
        foreach (var damage in reader.Damage) errors.WriteLine($"skipped: {damage}");
        if (request is { Episode: null, Lineage: true }) Rates(request, reader, index);
        else if (request.Episode is null) List(request, index);
        else One(request, index);
    }

    private void List(InspectRequest request, ArchiveIndex index)
    {
        var wanted = request.Query;
        var found = index.Find(wanted with { Limit = wanted.Limit == int.MaxValue ? wanted.Limit : wanted.Limit + 1 });
        var shown = found.Take(wanted.Limit).ToList();
        if (request.Json)
        {
            foreach (var entry in shown) output.Raw(InspectJson.Of(entry));
            return;
        }
        output.Table(shown);
        if (found.Count > shown.Count) errors.WriteLine($"these are the first {shown.Count} that fit; --limit shows more of the archive's {index.Count} episodes");
        else if (shown.Count == 0) errors.WriteLine($"no episode fits; {index.Count} are in the archive");
    }

    private void Rates(InspectRequest request, ArchiveReader reader, ArchiveIndex index)
    {
        var wanted = index.Find(request.Query with { Limit = int.MaxValue }).Select(e => e.Number).ToHashSet();
        var lineage = new RunLineage(LoadAlgorithm(request.Run));
        foreach (var archived in reader.Read()) lineage.Add(archived.Episode, wanted.Contains(archived.Number));
        var parts = lineage.Parts(request.Parts);
        if (request.Json)
        {
            foreach (var part in parts) output.Raw(InspectJson.Of(part));
        }
        else if (parts.Count == 0)
        {
            errors.WriteLine($"no episode fits; {index.Count} are in the archive");
        }
        else
        {
            foreach (var grid in LineageGrids.Of(parts)) output.Table(grid);
        }
    }

    private void One(InspectRequest request, ArchiveIndex index)
    {
        var entry = index.Find(request.Episode!) ?? throw new UsageException($"the archive holds no episode {request.Episode}");
        var episode = index.Read(entry);
        if (request.Json)
        {
            output.Raw(InspectJson.Of(episode));
            return;
        }
        if (!request.Lineage)
        {
            foreach (var line in new EpisodeView(new TokenText(TryLoadTokenizer(request.Run)), request.Tokens).Render(episode)) output.Write(line);
        }
        var roots = new LineageTree(episode).Roots().ToList();
        foreach (var root in roots)
        {
            if (!request.Lineage || root != roots[0]) output.Write(new Line(LineStyle.Plain, ""));
            output.Tree(root);
        }
        if (request.Lineage && roots.Count == 0) errors.WriteLine($"episode {SafeText.OneLine(episode.Key.ToString())} has neither compressions nor memory blocks");
    }

    private AlgorithmOptions LoadAlgorithm(string run)
    {
        try
        {
            if (loadAlgorithm is not null) return loadAlgorithm(run);
        }
        catch (BadInputException e)
        {
            errors.WriteLine($"the run's configuration cannot be used, gradient shares are those of the default algorithm: {e.Message}");
        }
        return new AlgorithmOptions();
    }

    private ITokenizer? TryLoadTokenizer(string run)
    {
        var path = Path.Combine(run, "tokenizer", "tokenizer.json");
        try
        {
            if (File.Exists(path)) return loadTokenizer(path);
            errors.WriteLine($"there is no tokenizer at {path}: token ids are shown instead of text");
        }
        catch (Exception e) when (e is TokenizerException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"the tokenizer cannot be used, token ids are shown instead of text: {e.Message}");
        }
        return null;
    }
}
