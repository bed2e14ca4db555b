using AgentRL.Cpu.Caches;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using AgentRL.Rollouts;

namespace AgentRL.Cpu.Generation;

/// <summary>
/// Takes a group of rows through the model, one thread's working memory with it:
/// h ← h + O·attention(rope(q), rope(k), v) with q, k, v = W·rms(h);  h ← h + Down·(silu(g) ⊙ u) with g, u = W·rms(h);  logits = Head·rms(h).
/// Shapes: rows R ≤ 24, width D; q, k and v side by side in one row, gate and up in another.
/// </summary>
internal sealed unsafe class ForwardPass : IDisposable
{
    private const int TileRows = 6, LogitBytes = 1 << 20;

    private readonly CpuModel model;
    private readonly CpuModelShape shape;
    private readonly RotaryAngles angles;
    private readonly CpuKernels kernels;
    private readonly CacheKernels caches;
    private readonly PagePool pool;
    private readonly TokenSampler sampler;
    private readonly AttentionHead attention;
    private readonly NativeBuffer<float> hidden, normed, projected, attended, gated, logits;
    private readonly int hiddenWidth, projectedWidth, attendedWidth, gatedWidth, logitRows;
    private readonly (CpuSequence Sequence, int Position)[] rows = new (CpuSequence, int)[StepPlan.LargestGroup];
    private readonly Part[] parts = new Part[StepPlan.LargestGroup];
    private readonly CpuSequence[] drawing = new CpuSequence[StepPlan.LargestGroup];
    private readonly float epsilon;
    private readonly int maximumContext;
    private int partCount, rowCount;

    public ForwardPass(CpuModel model, RotaryAngles angles, CpuKernels kernels, CacheKernels caches, PagePool pool, int maximumContext)
    {
        this.caches = caches;
        (this.model, this.angles, this.kernels, this.pool, this.maximumContext, shape) = (model, angles, kernels, pool, maximumContext, model.Shape);
        epsilon = (float)shape.NormEpsilon;
        sampler = new TokenSampler(shape.VocabularySize);
        attention = new AttentionHead(shape, caches, pool, maximumContext);
        const int R = StepPlan.LargestGroup;
        var first = model.Layer(0);
        (hiddenWidth, projectedWidth, gatedWidth) = (first.Down.Padded, first.QueryKeyValue.Padded, first.GateUp.Padded);
        attendedWidth = PackedMatrix.PaddedTo(shape.QueryWidth);
        logitRows = Math.Clamp(LogitBytes / sizeof(float) / model.Head.Padded, TileRows, R);
        hidden = new NativeBuffer<float>((long)R * hiddenWidth);
        normed = new NativeBuffer<float>((long)R * hiddenWidth);
        projected = new NativeBuffer<float>((long)R * projectedWidth);
        attended = new NativeBuffer<float>((long)R * attendedWidth);
        gated = new NativeBuffer<float>((long)R * gatedWidth);
        logits = new NativeBuffer<float>((long)logitRows * model.Head.Padded);
    }

    /// <summary>Computes a group's keys, values and draws; sequences being decoded go on for their steps.</summary>
    /// <param name="plan">The step.</param>
    /// <param name="index">The group.</param>
    /// <param name="progress">[groups]: layers whose keys and values a group and those it follows have written. Groups are begun in ascending order.</param>
    public void Run(StepPlan plan, int index, int[] progress)
    {
        var group = plan.Group(index);
        partCount = group.Parts;
        for (var p = 0; p < partCount; p++) parts[p] = plan.Part(group.FirstPart + p);
        Pass(progress, index, group.Follows);
        while (GoOn()) Pass(progress, index, follows: false);
    }

    public void Dispose()
    {
        foreach (var buffer in (NativeBuffer<float>[])[hidden, normed, projected, attended, gated, logits]) buffer.Dispose();
        attention.Dispose();
    }

    /// <summary>The predecessor is at work or done: this takes as long as one of its layers, or until its thread gets its core back.</summary>
    private static void Await(ref int progress, int wanted)
    {
        var spin = new SpinWait();
        while (Volatile.Read(ref progress) < wanted) spin.SpinOnce(sleep1Threshold: -1);
    }

    private void Pass(int[] progress, int index, bool follows)
    {
        Lay();
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var w = model.Layer(layer);
            Normalize(w.InputNorm.Pointer, layer);
            kernels.Product(normed.Pointer, hiddenWidth, rowCount, w.QueryKeyValue, projected.Pointer, projectedWidth, accumulate: false);
            for (var i = 0; i < rowCount; i++) Turn(w, i, layer);
            if (follows) Await(ref progress[index - 1], layer + 1);
            Volatile.Write(ref progress[index], layer + 1); // after waiting: it speaks for all groups before, too
            Attend(layer);
            kernels.Product(attended.Pointer, attendedWidth, rowCount, w.Output, hidden.Pointer, hiddenWidth, accumulate: true);
            Normalize(w.PostNorm.Pointer, layer);
            kernels.Product(normed.Pointer, hiddenWidth, rowCount, w.GateUp, gated.Pointer, gatedWidth, accumulate: false);
            var half = PackedMatrix.PaddedTo(shape.IntermediateSize);
            for (var i = 0; i < rowCount; i++) kernels.Gate(gated.Pointer + ((nint)i * gatedWidth), gated.Pointer + ((nint)i * gatedWidth) + half, half);
            kernels.Product(gated.Pointer, gatedWidth, rowCount, w.Down, hidden.Pointer, hiddenWidth, accumulate: true);
        }
        Draw();
    }

    private void Attend(int layer)
    {
        float* queries = projected.Pointer, results = attended.Pointer;
        for (var p = 0; p < partCount; p++)
        {
            attention.Attend(parts[p], parts[p + 1 < partCount ? p + 1 : p], layer, queries, projectedWidth, results, attendedWidth);
            queries += (nint)parts[p].Rows * projectedWidth;
            results += (nint)parts[p].Rows * attendedWidth;
        }
    }

    private void Lay()
    {
        rowCount = 0;
        for (var p = 0; p < partCount; p++)
        {
            for (var i = 0; i < parts[p].Rows; i++, rowCount++)
            {
                rows[rowCount] = (parts[p].Sequence, parts[p].First + i);
                model.Embed(parts[p].Sequence.Known[parts[p].First + i], hidden.Pointer + ((nint)rowCount * hiddenWidth));
            }
        }
    }

    /// <summary>Keeps the sequences that draw another token in this step.</summary>
    private bool GoOn()
    {
        var kept = 0;
        for (var p = 0; p < partCount; p++)
        {
            var sequence = parts[p].Sequence;
            if (sequence.Steps > sequence.Read && sequence.Ended is null && sequence.FaultLayer == CpuSequence.NoFault)
                parts[kept++] = new Part(sequence, sequence.Cached + sequence.Read, 1, true);
        }
        partCount = kept;
        return kept > 0;
    }

    private void Normalize(float* weight, int layer)
    {
        for (var i = 0; i < rowCount; i++)
        {
            if (!kernels.Normalize(hidden.Pointer + ((nint)i * hiddenWidth), weight, shape.HiddenSize, epsilon, normed.Pointer + ((nint)i * hiddenWidth)))
                rows[i].Sequence.Fail(layer);
        }
    }

    /// <summary>Normalises and rotates a row's queries and keys, and stores its keys and values.</summary>
    private void Turn(CpuLayer w, int row, int layer)
    {
        var (sequence, position) = rows[row];
        float* q = projected.Pointer + ((nint)row * projectedWidth), k = q + shape.QueryWidth, v = k + shape.KeyWidth;
        float* cosines = angles.Cosines(position), sines = angles.Sines(position);
        for (var head = 0; head < shape.Heads; head++) Turn(q + (head * shape.HeadSize), w.QueryNorm, cosines, sines);
        var page = sequence.Pages[position / PagePool.PageTokens];
        var slot = position % PagePool.PageTokens;
        for (var head = 0; head < shape.KeyValueHeads; head++)
        {
            float* key = k + (head * shape.HeadSize);
            Turn(key, w.KeyNorm, cosines, sines);
            caches.StoreKey(key, shape.HeadSize, pool.Keys(layer, head) + (page * pool.KeyBytes), slot);
            caches.StoreValue(v + (head * shape.HeadSize), shape.HeadSize, pool.Values(layer, head) + (page * pool.ValueBytes), slot);
        }
    }

    private void Turn(float* head, NativeBuffer<float>? norm, float* cosines, float* sines)
    {
        if (norm is not null) kernels.Normalize(head, norm.Pointer, shape.HeadSize, epsilon, head);
        kernels.Rotate(head, cosines, sines, shape.HeadSize / 2);
    }

    /// <summary>The head, of those rows alone after which a token is drawn.</summary>
    private void Draw()
    {
        var count = 0;
        for (int p = 0, row = 0; p < partCount; p++)
        {
            row += parts[p].Rows;
            parts[p].Sequence.AddRead(parts[p].Rows);
            if (!parts[p].Draws) continue;
            float* last = hidden.Pointer + ((nint)(row - 1) * hiddenWidth), target = normed.Pointer + ((nint)count * hiddenWidth);
            if (!kernels.Normalize(last, model.FinalNorm, shape.HiddenSize, epsilon, target))
                parts[p].Sequence.Fail(shape.Layers - 1);
            drawing[count++] = parts[p].Sequence;
        }
        for (var first = 0; first < count; first += logitRows)
        {
            var n = Math.Min(logitRows, count - first);
            kernels.Product(normed.Pointer + ((nint)first * hiddenWidth), hiddenWidth, n, model.Head, logits.Pointer, model.Head.Padded, accumulate: false);
            for (var i = 0; i < n; i++) Draw(drawing[first + i], new ReadOnlySpan<float>(logits.Pointer + ((nint)i * model.Head.Padded), shape.VocabularySize));
        }
    }

    private void Draw(CpuSequence sequence, ReadOnlySpan<float> scores)
    {
        var request = sequence.Request!;
        var token = sampler.Sample(scores, request.Sampling, request.Sampling.IsGreedy ? 0 : request.Stream.DoubleAt(sequence.Sampled), request.Forced.IsEmpty ? -1 : request.Forced.Span[sequence.Sampled]);
        if (token.Id < 0) sequence.Fail(shape.Layers);
        if (sequence.FaultLayer == CpuSequence.NoFault) sequence.Append(token, maximumContext);
    }
}
