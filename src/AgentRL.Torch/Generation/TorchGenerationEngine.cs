using System.Runtime.InteropServices;
using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Generation;

/// <summary>
/// Generation with the tensor library, on any device, by the same arithmetic that training uses. Continuous batching: each
/// <see cref="Advance"/> first reads what newly arrived contexts add to what is cached, then samples one token for every active request.
/// What a request samples depends on its own context and random stream, not on what else is in the batch (but for rounding).
/// </summary>
public sealed class TorchGenerationEngine : IGenerationEngine
{
    private readonly TransformerPolicy _policy;
    private readonly TorchGenerationOptions _options;
    private readonly Dictionary<long, CachedSequence> _sequences = [];
    private readonly Queue<GenerationRequest> _waiting = [];
    private readonly List<GenerationResult> _refused = [];
    private readonly TokenSampler _sampler;
    private KeyValueCache _cache;
    private SlotTable _slots;
    private long _clock;

    /// <summary>An engine over a policy, which stays the caller's; tell it of new weights with <see cref="WeightsChanged"/>.</summary>
    public TorchGenerationEngine(TransformerPolicy policy, TorchGenerationOptions? options = null, int policyVersion = 0)
    {
        _policy = policy;
        _options = options ?? new();
        if (_options.MaximumSequences < 1 || _options.PrefillTokens < 1 || _options.PrefillChunk < 1 || _options.MaximumContext < 2)
            throw new ArgumentException($"settings must be positive: {_options}", nameof(options));
        PolicyVersion = policyVersion;
        MaximumContext = _options.MaximumContext ?? policy.Config.MaxPositions;
        _sampler = new TokenSampler(policy.Config.VocabularySize);
        (_cache, _slots) = EmptyCache();
    }

    /// <inheritdoc/>
    public int PolicyVersion { get; private set; }

    /// <inheritdoc/>
    public int MaximumContext { get; }

    /// <inheritdoc/>
    public int Pending => _waiting.Count + _slots.Active + _refused.Count;

    /// <summary>Tokens read or sampled so far, padding left out.</summary>
    public long TokensProcessed { get; private set; }

    /// <summary>Forgets all caches, which belong to the old weights.</summary>
    /// <exception cref="InvalidOperationException">Requests are pending: a turn is sampled from one version.</exception>
    public void WeightsChanged(int policyVersion)
    {
        if (Pending > 0)
            throw new InvalidOperationException($"{Pending} requests are pending while the weights change");
        PolicyVersion = policyVersion;
        _sequences.Clear();
        _cache.Dispose();
        (_cache, _slots) = EmptyCache();
    }

    /// <inheritdoc/>
    public void Submit(GenerationRequest request)
    {
        if (Fault(request) is { } fault)
            _refused.Add(new GenerationResult(request.SequenceId, [], [], FinishReason.Failed, PolicyVersion, fault));
        else
            _waiting.Enqueue(request);
    }

    /// <inheritdoc/>
    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<GenerationResult> finished = [.. _refused];
        _refused.Clear();
        using IDisposable noGradient = no_grad();
        Admit();
        while (Unread() is { Count: > 0 } rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Read(rows, finished);
        }
        if (_slots.Active > 0)
            Read([.. Enumerable.Range(0, _slots.Active).Select(slot => (_slots[slot], 1))], finished);
        return finished;
    }

    /// <inheritdoc/>
    public void Release(long sequenceId)
    {
        for (int n = _waiting.Count; n > 0; n--)
        {
            GenerationRequest request = _waiting.Dequeue();
            if (request.SequenceId != sequenceId)
                _waiting.Enqueue(request);
        }
        if (!_sequences.TryGetValue(sequenceId, out CachedSequence? sequence))
            return;
        if (sequence.Request is not null)
        {
            _slots.Deactivate(sequence);
            sequence.End(FinishReason.Failed, PolicyVersion);
        }
        _slots.Remove(sequence);
        _sequences.Remove(sequenceId);
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private (KeyValueCache, SlotTable) EmptyCache()
    {
        int slots = Math.Min(8, _options.MaximumSequences);
        KeyValueCache cache = new(_policy.Config, slots, Math.Min(128, MaximumContext), _policy.Type, _policy.Device);
        return (cache, new SlotTable(cache, _options.MaximumSequences));
    }

    private string? Fault(GenerationRequest r)
    {
        if (r.Context.Length == 0)
            return "the context is empty";
        if (r.Context.Length >= MaximumContext)
            return $"the context of {r.Context.Length} tokens leaves no room below the longest context of {MaximumContext}";
        if (r.MaxNewTokens < 1)
            return $"a budget of {r.MaxNewTokens} tokens";
        if (!(r.Sampling.Temperature >= 0) || !(r.Sampling.TopP > 0) || r.Sampling.TopK < 0)
            return $"no distribution: {r.Sampling}";
        foreach (int id in r.Context.Span)
        {
            if ((uint)id >= (uint)_policy.Config.VocabularySize)
                return $"token id {id} is outside the vocabulary of {_policy.Config.VocabularySize}";
        }
        if (r.ForcedFault(_policy.Config.VocabularySize) is { } forced)
            return forced;
        bool busy = _sequences.TryGetValue(r.SequenceId, out CachedSequence? s) && s.Request is not null;
        return busy || _waiting.Any(w => w.SequenceId == r.SequenceId) ? $"sequence {r.SequenceId} already has a request" : null;
    }

    private void Admit()
    {
        while (_waiting.TryPeek(out GenerationRequest? request))
        {
            if (!_sequences.TryGetValue(request.SequenceId, out CachedSequence? sequence))
                sequence = new CachedSequence(request.SequenceId);
            sequence.LastUsed = ++_clock;
            if (!_slots.Activate(sequence))
                return;
            _sequences[request.SequenceId] = sequence;
            sequence.Begin(_waiting.Dequeue());
        }
    }

    /// <summary>Rows for one prefill pass: those with more than one token to read, longest first, as many as the budget holds.</summary>
    private List<(CachedSequence Sequence, int Tokens)> Unread()
    {
        List<(CachedSequence, int)> rows = [];
        int width = 0;
        foreach ((CachedSequence s, int tokens) in Enumerable.Range(0, _slots.Active).Select(slot => _slots[slot]).Where(s => s.Unread > 1)
            .Select(s => (s, Math.Min(s.Unread, _options.PrefillChunk))).OrderByDescending(r => r.Item2))
        {
            width = Math.Max(width, tokens);
            if (rows.Count > 0 && (rows.Count + 1L) * width > _options.PrefillTokens)
                break;
            rows.Add((s, tokens));
        }
        return rows;
    }

    /// <summary>Reads tokens of some rows and samples the next token of those that have read everything.</summary>
    private void Read(List<(CachedSequence Sequence, int Tokens)> rows, List<GenerationResult> finished)
    {
        using DisposeScope scope = NewDisposeScope();
        int longest = rows.Max(r => r.Sequence.Cached + r.Tokens);
        if (longest > _cache.Capacity)
            _cache.Grow(0, Math.Min(MaximumContext, Math.Max(longest, 2 * _cache.Capacity)));
        CacheStep step = CacheStep.Build(
            [.. rows.Select(r => r.Sequence.Next(r.Tokens))], [.. rows.Select(r => r.Sequence.Cached)], [.. rows.Select(r => r.Sequence.Slot)],
            _cache, _policy.Type, _policy.Device);
        Tensor hidden = _policy.Advance(step, _cache).flatten(0, 1);
        List<(CachedSequence Sequence, long Row)> ready = [];
        for (int b = 0; b < rows.Count; b++)
        {
            (CachedSequence sequence, int tokens) = rows[b];
            sequence.Cached += tokens;
            TokensProcessed += tokens;
            if (sequence.Unread == 0)
                ready.Add((sequence, (long)b * step.Tokens + tokens - 1));
        }
        if (ready.Count == 0)
            return;
        if (ready.Count != rows.Count || step.Tokens != 1)
            hidden = hidden.index_select(0, tensor(ready.Select(r => r.Row).ToArray(), device: _policy.Device));
        Tensor logits = _policy.Logits(hidden).to(ScalarType.Float32).cpu().contiguous();
        ReadOnlySpan<float> host = MemoryMarshal.Cast<byte, float>(logits.bytes);
        int vocabulary = _policy.Config.VocabularySize;
        for (int i = 0; i < ready.Count; i++)
            Sample(ready[i].Sequence, host.Slice(i * vocabulary, vocabulary), finished);
    }

    private void Sample(CachedSequence sequence, ReadOnlySpan<float> logits, List<GenerationResult> finished)
    {
        GenerationRequest request = sequence.Request!;
        double uniform = request.Sampling.IsGreedy ? 0 : request.Stream.DoubleAt(sequence.Generated.Count);
        SampledToken token = _sampler.Sample(logits, request.Sampling, uniform, request.Forced.IsEmpty ? -1 : request.Forced.Span[sequence.Generated.Count]);
        if (token.Id < 0)
        {
            _slots.Deactivate(sequence);
            _cache.Clear(sequence.Slot);
            finished.Add(sequence.End(FinishReason.Failed, PolicyVersion, $"the logits after {sequence.Count} tokens are not finite") with { IsNotFinite = true });
            _slots.Remove(sequence);
            _sequences.Remove(sequence.Id);
            return;
        }
        sequence.Append(token);
        FinishReason? reason = request.StopIds.Contains(token.Id) ? FinishReason.Stop
            : sequence.Generated.Count == request.MaxNewTokens || sequence.Count == MaximumContext ? FinishReason.Length
            : null;
        if (reason is not { } ended)
            return;
        _slots.Deactivate(sequence);
        finished.Add(sequence.End(ended, PolicyVersion));
    }
}
