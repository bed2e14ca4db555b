using AgentRL.Rollouts;

namespace AgentRL.Cli.Bench;

/// <summary>Stands between episodes and their engine, and notes what is asked of it.</summary>
internal sealed class ShapeRecorder(IGenerationEngine engine) : IGenerationEngine
{
    private readonly Dictionary<long, Recording> running = [];
    private readonly List<Recording> recorded = [];

    public int PolicyVersion => engine.PolicyVersion;

    public int MaximumContext => engine.MaximumContext;

    public int Pending => engine.Pending;

    /// <summary>Forgets what has been recorded; no episode may be running.</summary>
    public void Clear() => recorded.Clear();

    /// <summary>The episodes since then that have ended, in the order of their beginnings. Those with the same prompt are a group.</summary>
    public IReadOnlyList<EpisodeShape> Episodes()
    {
        var ended = recorded.Where(r => r.Turns.Count > 0).ToList();
        if (ended.Count == 0) return [];
        var common = ended.Min(r => r.Prompt.AsSpan().CommonPrefixLength(ended[0].Prompt));
        List<int[]> prompts = [];
        return [.. ended.Select(r => new EpisodeShape(GroupOf(r.Prompt), [r.Turns[0] with { Kept = common, Fresh = r.Prompt.Length - common }, .. r.Turns.Skip(1)]))];

        int GroupOf(int[] prompt)
        {
            var group = prompts.FindIndex(p => p.AsSpan().SequenceEqual(prompt));
            if (group >= 0) return group;
            prompts.Add(prompt);
            return prompts.Count - 1;
        }
    }

    public void Submit(GenerationRequest request)
    {
        if (!running.TryGetValue(request.SequenceId, out var recording))
        {
            running.Add(request.SequenceId, recording = new Recording(request.Context.ToArray()));
            recorded.Add(recording);
        }
        var kept = request.Context.Span.CommonPrefixLength(recording.Known);
        recording.Turns.Add(new TurnShape(kept, request.Context.Length - kept, 0));
        recording.Known = request.Context.ToArray();
        engine.Submit(request);
    }

    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        var results = engine.Advance(cancellationToken);
        foreach (var result in results)
        {
            var recording = running[result.SequenceId];
            recording.Turns[^1] = recording.Turns[^1] with { Drawn = result.Ids.Length };
            recording.Known = [.. recording.Known, .. result.Ids];
        }
        return results;
    }

    public void Release(long sequenceId)
    {
        running.Remove(sequenceId);
        engine.Release(sequenceId);
    }

    public void Dispose()
    {
    }

    private sealed class Recording(int[] prompt)
    {
        public int[] Prompt => prompt;

        public int[] Known { get; set; } = [];

        public List<TurnShape> Turns { get; } = [];
    }
}
