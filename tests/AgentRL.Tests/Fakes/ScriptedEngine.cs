using AgentRL.Rollouts;

namespace AgentRL.Tests.Fakes;

/// <summary>What a scripted engine answers, and after how many steps.</summary>
internal sealed record Reply(int[] Ids, FinishReason Finish = FinishReason.Stop, int Delay = 1, string? Failure = null, bool IsNotFinite = false);

/// <summary>Answers requests from a function, each after a delay of its own; what is due in one step comes back newest first.</summary>
internal sealed class ScriptedEngine(Func<GenerationRequest, Reply> answer) : IGenerationEngine
{
    private readonly List<(GenerationRequest Request, Reply Reply, int Due)> pending = [];
    private readonly HashSet<long> open = [];

    public int PolicyVersion => 7;

    public int MaximumContext => 100_000;

    public int Pending => pending.Count;

    public List<GenerationRequest> Requests { get; } = [];

    /// <summary>Sequences submitted and not released since.</summary>
    public IReadOnlyCollection<long> Open => open;

    public int Steps { get; private set; }

    public int MostPending { get; private set; }

    /// <summary>Called at each step, before anything is answered.</summary>
    public Action<int> OnAdvance { get; set; } = _ => { };

    public void Submit(GenerationRequest request)
    {
        Assert.DoesNotContain(pending, p => p.Request.SequenceId == request.SequenceId);
        Requests.Add(request);
        open.Add(request.SequenceId);
        var reply = answer(request);
        pending.Add((request, reply, Steps + reply.Delay));
        MostPending = Math.Max(MostPending, pending.Count);
    }

    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        Steps++;
        OnAdvance(Steps);
        cancellationToken.ThrowIfCancellationRequested();
        var due = pending.Where(p => p.Due <= Steps).Reverse().ToList();
        pending.RemoveAll(p => p.Due <= Steps);
        return [.. due.Select(p => new GenerationResult(p.Request.SequenceId, p.Reply.Ids, new float[p.Reply.Ids.Length], p.Reply.Finish, PolicyVersion, p.Reply.Failure) { IsNotFinite = p.Reply.IsNotFinite })];
    }

    public void Release(long sequenceId)
    {
        Assert.DoesNotContain(pending, p => p.Request.SequenceId == sequenceId && !ReleaseWhilePending);
        pending.RemoveAll(p => p.Request.SequenceId == sequenceId);
        open.Remove(sequenceId);
    }

    /// <summary>Set where a run is cancelled: only then may a sequence be released that is still being generated.</summary>
    public bool ReleaseWhilePending { get; set; }

    public void Dispose()
    {
    }
}
