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
    private readonly PagePool pool;
    private readonly TokenSampler sampler;
    private readonly AttentionHead attention;
    private readonly NativeBuffer<float> hidden, normed, projected, attended, gated, logits;
    private readonly int hiddenWidth, projectedWidth, attendedWidth, gatedWidth, logitRows;
    private readonly (CpuSequence Sequence, int Position)[] rows = new (CpuSequence, int)[StepPlan.LargestGroup];
    private readonly CpuSequence[] drawing = new CpuSequence[StepPlan.LargestGroup];
    private readonly float epsilon;

    public ForwardPass(CpuModel model, RotaryAngles angles, CpuKernels kernels, PagePool pool, int maximumContext)
    {
        (this.model, this.angles, this.kernels, this.pool, shape) = (model, angles, kernels, pool, model.Shape);
        epsilon = (float)shape.NormEpsilon;
        sampler = new TokenSampler(shape.VocabularySize);
        attention = new AttentionHead(shape, kernels, pool, maximumContext);
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

    /// <summary>Computes a group's keys, values and draws.</summary>
    /// <param name="plan">The step.</param>
    /// <param name="index">The group.</param>
    /// <param name="progress">[groups]: layers whose keys and values a group and those it follows have written. Groups are begun in ascending order.</param>
    public void Run(StepPlan plan, int index, int[] progress)
    {
        var group = plan.Group(index);
        Lay(plan, group);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var w = model.Layer(layer);
            Normalize(group.Rows, w.InputNorm.Pointer, layer);
            kernels.Product(normed.Pointer, hiddenWidth, group.Rows, w.QueryKeyValue, projected.Pointer, projectedWidth, accumulate: false);
            for (var i = 0; i < group.Rows; i++) Turn(w, i, layer);
            if (group.Follows) Await(ref progress[index - 1], layer + 1);
            Volatile.Write(ref progress[index], layer + 1); // after waiting: it speaks for all groups before, too
            for (int p = 0, row = 0; p < group.Parts; row += plan.Part(group.FirstPart + p++).Rows)
                attention.Attend(plan.Part(group.FirstPart + p), layer, projected.Pointer + ((nint)row * projectedWidth), projectedWidth, attended.Pointer + ((nint)row * attendedWidth), attendedWidth);
            kernels.Product(attended.Pointer, attendedWidth, group.Rows, w.Output, hidden.Pointer, hiddenWidth, accumulate: true);
            Normalize(group.Rows, w.PostNorm.Pointer, layer);
            kernels.Product(normed.Pointer, hiddenWidth, group.Rows, w.GateUp, gated.Pointer, gatedWidth, accumulate: false);
            var half = PackedMatrix.PaddedTo(shape.IntermediateSize);
            for (var i = 0; i < group.Rows; i++) kernels.Gate(gated.Pointer + ((nint)i * gatedWidth), gated.Pointer + ((nint)i * gatedWidth) + half, half);
            kernels.Product(gated.Pointer, gatedWidth, group.Rows, w.Down, hidden.Pointer, hiddenWidth, accumulate: true);
        }
        Draw(plan, group);
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

    private void Lay(StepPlan plan, RowGroup group)
    {
        for (int p = 0, row = 0; p < group.Parts; p++)
        {
            var part = plan.Part(group.FirstPart + p);
            for (var i = 0; i < part.Rows; i++, row++)
            {
                rows[row] = (part.Sequence, part.First + i);
                model.Embed(part.Sequence.Known[part.First + i], hidden.Pointer + ((nint)row * hiddenWidth));
            }
        }
    }

    private void Normalize(int count, float* weight, int layer)
    {
        for (var i = 0; i < count; i++)
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
            float* keys = pool.Keys(layer, head) + (page * pool.KeyStride) + slot;
            for (var d = 0; d < shape.HeadSize; d++) keys[d * PagePool.PageTokens] = key[d];
            float* values = pool.Values(layer, head) + (page * pool.ValueStride) + (slot * pool.ValueRow);
            new ReadOnlySpan<float>(v + (head * shape.HeadSize), shape.HeadSize).CopyTo(new Span<float>(values, shape.HeadSize));
        }
    }

    private void Turn(float* head, NativeBuffer<float>? norm, float* cosines, float* sines)
    {
        if (norm is not null) kernels.Normalize(head, norm.Pointer, shape.HeadSize, epsilon, head);
        kernels.Rotate(head, cosines, sines, shape.HeadSize / 2);
    }

    /// <summary>The head, of those rows alone after which a token is drawn.</summary>
    private void Draw(StepPlan plan, RowGroup group)
    {
        var count = 0;
        for (int p = 0, row = 0; p < group.Parts; p++)
        {
            var part = plan.Part(group.FirstPart + p);
            row += part.Rows;
            if (!part.Draws) continue;
            if (!kernels.Normalize(hidden.Pointer + ((nint)(row - 1) * hiddenWidth), model.FinalNorm, shape.HiddenSize, epsilon, normed.Pointer + ((nint)count * hiddenWidth)))
                part.Sequence.Fail(shape.Layers - 1);
            drawing[count++] = part.Sequence;
        }
        for (var first = 0; first < count; first += logitRows)
        {
            var n = Math.Min(logitRows, count - first);
            kernels.Product(normed.Pointer + ((nint)first * hiddenWidth), hiddenWidth, n, model.Head, logits.Pointer, model.Head.Padded, accumulate: false);
            for (var i = 0; i < n; i++)
            {
                var sequence = drawing[first + i];
                var request = sequence.Request!;
                var uniform = request.Sampling.IsGreedy ? 0 : request.Stream.DoubleAt(sequence.Sampled);
                sequence.Drawn = sampler.Sample(new ReadOnlySpan<float>(logits.Pointer + ((nint)i * model.Head.Padded), shape.VocabularySize), request.Sampling, uniform);
                if (sequence.Drawn.Id < 0) sequence.Fail(shape.Layers);
            }
        }
    }
}
