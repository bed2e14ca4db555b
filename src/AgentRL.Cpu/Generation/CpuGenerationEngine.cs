using AgentRL.Cpu.Caches;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using AgentRL.Rollouts;

namespace AgentRL.Cpu.Generation;

/// <summary>
/// Generation on the processor's own vectors, without a tensor library. Continuous batching: each <see cref="Advance"/> reads a chunk of newly arrived
/// contexts and draws a few tokens for every request whose context has been read. What a request draws is a function of the weights, its context and its
/// random stream, bit for bit: neither what else is in the batch, nor chunks, threads, shared prefixes or evictions have a part in it.
/// </summary>
public sealed class CpuGenerationEngine : IGenerationEngine
{
    private const int LeastSteps = 8, MostSteps = 32;
    private const int MostPages = 1 << 26; // what tables with 16 entries a page can index

    private readonly CpuModel model;
    private readonly CpuGenerationOptions options;
    private readonly PagePool pool;
    private readonly SequenceMemory memory;
    private readonly StepPlan plan;
    private readonly RotaryAngles angles;
    private readonly WorkerPool workers;
    private readonly ForwardPass[] passes;
    private readonly List<CpuSequence> active = [];
    private readonly Queue<GenerationRequest> waiting = [];
    private readonly HashSet<long> waitingIds = [];
    private readonly List<GenerationResult> refused = [];
    private int[] progress = new int[16];

    /// <summary>An engine over a model, which stays the caller's; tell it of new weights with <see cref="WeightsChanged"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or there is memory for less than a page of tokens.</exception>
    public CpuGenerationEngine(CpuModel model, CpuGenerationOptions? options = null, int policyVersion = 0)
        : this(model, options ?? new(), policyVersion, CpuKernels.Best)
    {
    }

    internal CpuGenerationEngine(CpuModel model, CpuGenerationOptions options, int policyVersion, CpuKernels kernels)
    {
        (this.model, this.options) = (model, options);
        MaximumContext = Math.Min(options.MaximumContext ?? int.MaxValue, model.Shape.MaximumPositions);
        var pages = (options.CacheTokens ?? TokensIn(options.CacheMebibytes, model.Shape, options.Cache)) / PagePool.PageTokens;
        if (MaximumContext < 2 || options.PrefillTokens < 1 || options.DecodeSteps < 0 || options.Threads < 0 || pages < 1)
            throw new ArgumentException($"settings must be positive, and the cache must hold at least {PagePool.PageTokens} tokens: {options}", nameof(options));
        PolicyVersion = policyVersion;
        Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        var caches = kernels.Caches(options.Cache);
        pool = new PagePool(model.Shape, caches, pages);
        memory = new SequenceMemory(pool, options.SharePrefixes);
        plan = new StepPlan(Threads);
        angles = new RotaryAngles(model.Shape.RotaryFrequencies);
        passes = [.. Enumerable.Range(0, Threads).Select(_ => new ForwardPass(model, angles, kernels, caches, pool, MaximumContext))];
        workers = new WorkerPool(Threads, RunGroup);
    }

    /// <inheritdoc/>
    public int PolicyVersion { get; private set; }

    /// <inheritdoc/>
    public int MaximumContext { get; }

    /// <inheritdoc/>
    public int Pending => waiting.Count + active.Count + refused.Count;

    /// <summary>Threads at work, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Tokens whose keys and values fit into memory.</summary>
    public long CacheTokens => (long)pool.Pages * PagePool.PageTokens;

    /// <summary>Tokens read so far; those found in the cache are not among them.</summary>
    public long TokensProcessed { get; private set; }

    /// <summary>Requests being served, those that wait for memory left out.</summary>
    public int Active => active.Count;

    /// <summary>Tokens whose keys and values fit into so much memory, in whole pages of 16.</summary>
    public static int TokensIn(int mebibytes, CpuModelShape shape, CacheStorage cache = CacheStorage.Float32) =>
        (int)Math.Min(MostPages, ((long)mebibytes << 20) / PagePool.BytesPerPage(shape, CpuKernels.Best.Caches(cache))) * PagePool.PageTokens;

    /// <summary>Bytes of a token's keys and values, all layers together.</summary>
    public static long BytesPerToken(CpuModelShape shape, CacheStorage cache = CacheStorage.Float32) => PagePool.BytesPerPage(shape, CpuKernels.Best.Caches(cache)) / PagePool.PageTokens;

    /// <summary>Forgets all caches, which belong to the old weights. Import the new ones into the model before the next request.</summary>
    /// <exception cref="InvalidOperationException">Requests are pending: a turn is sampled from one version.</exception>
    public void WeightsChanged(int policyVersion)
    {
        if (Pending > 0) throw new InvalidOperationException($"{Pending} requests are pending while the weights change");
        PolicyVersion = policyVersion;
        memory.ForgetAll();
    }

    /// <inheritdoc/>
    public void Submit(GenerationRequest request)
    {
        if (Fault(request) is { } fault)
        {
            refused.Add(new GenerationResult(request.SequenceId, [], [], FinishReason.Failed, PolicyVersion, fault));
            return;
        }
        waiting.Enqueue(request);
        waitingIds.Add(request.SequenceId);
    }

    /// <inheritdoc/>
    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Admit();
        Plan();
        if (progress.Length < plan.Groups) progress = new int[2 * plan.Groups];
        Array.Clear(progress, 0, plan.Groups);
        if (plan.Groups > 0) workers.Run(plan.Bounds);
        return Collect();
    }

    /// <inheritdoc/>
    public void Release(long sequenceId)
    {
        if (waitingIds.Remove(sequenceId))
        {
            for (var n = waiting.Count; n > 0; n--)
            {
                var request = waiting.Dequeue();
                if (request.SequenceId != sequenceId) waiting.Enqueue(request);
            }
        }
        if (memory.Find(sequenceId) is not { } sequence) return;
        if (sequence.Request is not null)
        {
            active.Remove(sequence);
            sequence.End(FinishReason.Failed, PolicyVersion);
        }
        memory.Forget(sequence);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        workers.Dispose();
        foreach (var pass in passes) pass.Dispose();
        angles.Dispose();
        pool.Dispose();
    }

    private string? Fault(GenerationRequest r)
    {
        if (!model.HasWeights) return "the model has no weights";
        if (r.Context.Length == 0) return "the context is empty";
        if (r.Context.Length >= MaximumContext) return $"the context of {r.Context.Length} tokens leaves no room below the longest context of {MaximumContext}";
        if (r.MaxNewTokens < 1) return $"a budget of {r.MaxNewTokens} tokens";
        if (!(r.Sampling.Temperature >= 0) || !(r.Sampling.TopP > 0) || r.Sampling.TopK < 0) return $"no distribution: {r.Sampling}";
        foreach (var id in r.Context.Span)
        {
            if ((uint)id >= (uint)model.Shape.VocabularySize) return $"token id {id} is outside the vocabulary of {model.Shape.VocabularySize}";
        }
        if (r.ForcedFault(model.Shape.VocabularySize) is { } forced) return forced;
        var (pages, longest) = (SequenceMemory.PagesOf(Longest(r) - 1), Longest(r));
        if (pages > pool.Pages)
        {
            var needed = pages * PagePool.PageTokens;
            return $"a context of {r.Context.Length} tokens and {longest - r.Context.Length} new ones needs a cache of {needed} tokens, and there is room for {CacheTokens}";
        }
        var busy = memory.Find(r.SequenceId) is { Request: not null };
        return busy || waitingIds.Contains(r.SequenceId) ? $"sequence {r.SequenceId} already has a request" : null;
    }

    private int Longest(GenerationRequest r) => (int)Math.Min(MaximumContext, r.Context.Length + (long)r.MaxNewTokens);

    /// <summary>First come, first served: a long request is not overtaken until it starves.</summary>
    private void Admit()
    {
        while (waiting.TryPeek(out var request))
        {
            var longest = Longest(request);
            if (memory.TryBegin(request, longest) is not { } sequence) return;
            waiting.Dequeue();
            waitingIds.Remove(request.SequenceId);
            angles.Reserve(longest);
            active.Add(sequence);
        }
    }

    private void Plan()
    {
        plan.Clear();
        var budget = options.PrefillTokens;
        var steps = options.DecodeSteps > 0 ? options.DecodeSteps : Math.Clamp(active.Count / 8, LeastSteps, MostSteps);
        foreach (var sequence in active)
        {
            if (sequence.Unread == 1 || !memory.TryAdopt(sequence)) continue;
            var rows = Math.Min(sequence.Unread, budget);
            if (rows == 0) continue;
            budget -= rows;
            memory.Reserve(sequence, rows);
            sequence.BeginStep(0);
            plan.AddContext(sequence, rows);
        }
        foreach (var sequence in active)
        {
            if (sequence.Unread > 1 || sequence.Planned) continue;
            var left = Math.Min(sequence.Request!.MaxNewTokens - sequence.Sampled, MaximumContext - sequence.Count);
            sequence.BeginStep(Math.Min(steps, left));
            memory.Reserve(sequence, sequence.Steps);
            plan.AddDecode(sequence);
        }
        plan.Cut();
    }

    private void RunGroup(int worker, int group)
    {
        try
        {
            passes[worker].Run(plan, group, progress);
        }
        finally
        {
            Volatile.Write(ref progress[group], int.MaxValue); // whatever happened: nobody must wait for it
        }
    }

    private IReadOnlyList<GenerationResult> Collect()
    {
        List<GenerationResult>? finished = null;
        for (var i = 0; i < plan.Sequences; i++)
        {
            var sequence = plan.Sequence(i);
            sequence.Planned = false;
            TokensProcessed += sequence.Read;
            if (sequence.FaultLayer != CpuSequence.NoFault)
            {
                var place = sequence.FaultLayer < model.Shape.Layers ? $"layer {sequence.FaultLayer}" : "the output head";
                var moment = sequence.Steps == 0 ? "while its context was read" : $"at token {sequence.Sampled} of the turn";
                var message = $"numbers ceased to be finite in {place}, {moment} ({sequence.Count} tokens)";
                Finish(sequence, FinishReason.Failed, message);
                memory.Discard(sequence);
                continue;
            }
            memory.Advance(sequence, sequence.Read);
            if (sequence.Ended is { } reason) Finish(sequence, reason, null);
        }
        if (refused.Count > 0)
        {
            (finished ??= []).AddRange(refused);
            refused.Clear();
        }
        return finished ?? (IReadOnlyList<GenerationResult>)[];

        void Finish(CpuSequence sequence, FinishReason reason, string? failure)
        {
            active.Remove(sequence);
            (finished ??= []).Add(sequence.End(reason, PolicyVersion, failure));
            memory.Rest(sequence);
        }
    }
}
