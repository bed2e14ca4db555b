using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Tokens;

namespace AgentRL.Cli.Inspect;

/// <summary>Carries out <c>agentrl inspect</c>. Returns the exit code: 0, or 2 with a message on the error output.</summary>
internal sealed class Inspector(Func<string, ITokenizer> loadTokenizer, IInspectOutput output, TextWriter errors)
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
        if (request.Episode is null) List(request, index);
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
        if (found.Count > shown.Count) errors.WriteLine($"these are the newest {shown.Count} that fit; --limit shows more of the archive's {index.Count} episodes");
        else if (shown.Count == 0) errors.WriteLine($"no episode fits; {index.Count} are in the archive");
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
        foreach (var line in new EpisodeView(new TokenText(TryLoadTokenizer(request.Run)), request.Tokens).Render(episode)) output.Write(line);
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
