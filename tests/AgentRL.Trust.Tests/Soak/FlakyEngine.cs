using AgentRL.Rollouts;

namespace AgentRL.Trust.Tests.Soak;

/// <summary>An engine that fails some requests.</summary>
internal sealed class FlakyEngine(IGenerationEngine inner, Faults faults) : IGenerationEngine
{
    private readonly List<GenerationResult> failed = [];

    public int PolicyVersion => inner.PolicyVersion;

    public int MaximumContext => inner.MaximumContext;

    public int Pending => inner.Pending + failed.Count;

    public void Submit(GenerationRequest request)
    {
        if (faults.Draw(Fault.Engine) == Fault.Engine) failed.Add(new GenerationResult(request.SequenceId, [], [], FinishReason.Failed, PolicyVersion, "down, on purpose"));
        else inner.Submit(request);
    }

    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        if (failed.Count == 0) return inner.Advance(cancellationToken);
        GenerationResult[] now = [.. failed];
        failed.Clear();
        return now;
    }

    public void Release(long sequenceId)
    {
        failed.RemoveAll(f => f.SequenceId == sequenceId);
        inner.Release(sequenceId);
    }

    public void Dispose() => inner.Dispose();
}
