using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>
/// Final norm, output head and softmax of the rows that predict loss tokens, and their gradient: with z the logits over the temperature τ, p = softmax(z) and
/// entropy H, dz = dlogp · (onehot − p) − dH · p · (log p + H). Vocabularies are done in chunks; logits are kept from forward to backward
/// where that takes little memory and computed again where not.
/// </summary>
internal sealed unsafe class VocabularyHead(TrainingLayout layout, TrainingKernels kernels) : IDisposable
{
    private const int Chunk = 16 * PackedMatrix.WidePanel;
    private const long KeptNumbers = 4 << 20;
    private const float Excluded = -1e30f; // a logit of what is no token: finite, because 0 · ∞ is not a number

    private readonly int vocabulary = layout.Shape.VocabularySize;
    private readonly RowBuffer scratch = new(TrainingPass.Block, Math.Min(Chunk, TrainingKernels.Padded(layout.Shape.VocabularySize))), dNormed = new(TrainingPass.Block, layout.Hidden);
    private readonly double[] largest = new double[TrainingPass.Block], sums = new double[TrainingPass.Block], weighted = new double[TrainingPass.Block], chosen = new double[TrainingPass.Block];
    private RowBuffer normed = new(0, layout.Hidden);
    private RowBuffer? kept;
    private NativeBuffer<float> roots = new(0), logSums = new(0), entropies = new(0);
    private int capacity, keptCapacity;
    private float scale;
    private bool keeps;

    /// <summary>Log-probabilities and entropies of loss tokens.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="hidden">The residual stream after the last layer.</param>
    /// <param name="tokens">Which rows, and the tokens.</param>
    /// <param name="temperature">Logits are divided by it.</param>
    /// <param name="keep">A backward pass will follow.</param>
    /// <param name="logProbs">[N].</param>
    /// <param name="entropy">[N].</param>
    public void Forward(TrainingWeights weights, RowBuffer hidden, PackedTokens tokens, double temperature, bool keep, Span<float> logProbs, Span<float> entropy)
    {
        Reserve(tokens.LossRows.Length, keep);
        scale = (float)(1 / temperature);
        for (var first = 0; first < tokens.LossRows.Length; first += TrainingPass.Block)
        {
            var n = Math.Min(TrainingPass.Block, tokens.LossRows.Length - first);
            for (var i = 0; i < n; i++)
            {
                float* x = hidden.At(tokens.LossRows[first + i]);
                var r = roots.Pointer[first + i] = kernels.InverseRoot(x, layout.Hidden, layout.Shape.HiddenSize, (float)layout.Shape.NormEpsilon);
                kernels.Normalize(x, weights.At(layout.FinalNorm), layout.Hidden, r, normed.At(first + i));
                (largest[i], sums[i], weighted[i]) = (double.NegativeInfinity, 0, 0);
            }
            for (var begin = 0; begin < vocabulary; begin += Chunk)
            {
                float* z = Logits(weights, first, n, begin, out var stride);
                var count = Math.Min(Chunk, vocabulary - begin);
                for (var i = 0; i < n; i++)
                {
                    Merge(i, kernels.LogitSums(z + (i * stride), TrainingKernels.Padded(count), scale));
                    var target = tokens.Targets[first + i] - begin;
                    if ((uint)target < (uint)count) chosen[i] = z[(i * stride) + target] * scale;
                }
            }
            for (var i = 0; i < n; i++)
            {
                var logSum = largest[i] + Math.Log(sums[i]);
                logProbs[first + i] = (float)(chosen[i] - logSum);
                logSums.Pointer[first + i] = (float)logSum;
                entropy[first + i] = entropies.Pointer[first + i] = (float)(Math.Log(sums[i]) - (weighted[i] / sums[i]));
            }
        }
    }

    /// <summary>Gradients of head and final norm, added, and of the residual stream at loss rows, added to <paramref name="dHidden"/>.</summary>
    public void Backward(
        TrainingWeights weights, RowBuffer hidden, PackedTokens tokens, ReadOnlySpan<float> dLogProbs, ReadOnlySpan<float> dEntropies, RowBuffer dHidden, TrainingGradients gradients)
    {
        float* dHead = gradients.At(layout.Head);
        for (var first = 0; first < tokens.LossRows.Length; first += TrainingPass.Block)
        {
            var n = Math.Min(TrainingPass.Block, tokens.LossRows.Length - first);
            for (var begin = 0; begin < vocabulary; begin += Chunk)
            {
                var count = Math.Min(Chunk, vocabulary - begin);
                nint stride;
                float* z = keeps ? Kept(first, begin, out stride) : Logits(weights, first, n, begin, out stride);
                for (var i = 0; i < n; i++)
                {
                    float g = dLogProbs[first + i], h = dEntropies.IsEmpty ? 0 : dEntropies[first + i];
                    kernels.LogitGradient(z + (i * stride), TrainingKernels.Padded(count), scale, logSums.Pointer[first + i], g, h, entropies.Pointer[first + i]);
                    var target = tokens.Targets[first + i] - begin;
                    if ((uint)target < (uint)count) z[(i * stride) + target] += g * scale;
                }
                var back = weights.Head.Backward;
                for (var panel = 0; panel < back.Panels; panel++)
                {
                    var column = panel * PackedMatrix.WidePanel;
                    kernels.Multiply(z, stride, n, count, back.Floats + (((nint)panel * vocabulary) + begin) * PackedMatrix.WidePanel, PackedMatrix.WidePanel,
                        Math.Min(PackedMatrix.WidePanel, layout.Hidden - column), dNormed.At(0) + column, dNormed.Stride, null, accumulate: begin > 0);
                }
                kernels.Outer(z, stride, count, normed.At(first), normed.Stride, layout.Hidden, n, dHead + ((nint)begin * layout.Hidden), layout.Hidden);
            }
            for (var i = 0; i < n; i++)
            {
                var row = tokens.LossRows[first + i];
                kernels.NormalizeGradient(hidden.At(row), weights.At(layout.FinalNorm), layout.Hidden, layout.Shape.HiddenSize, roots.Pointer[first + i], dNormed.At(i),
                    dHidden.At(row), accumulate: true, gradients.At(layout.FinalNorm));
            }
        }
    }

    public void Dispose()
    {
        foreach (IDisposable? held in (IDisposable?[])[scratch, dNormed, normed, kept, roots, logSums, entropies]) held?.Dispose();
    }

    /// <summary>Logits [n][up to 1,024] from a token id on.</summary>
    private float* Logits(TrainingWeights weights, int first, int n, int begin, out nint stride)
    {
        stride = scratch.Stride;
        float* z = keeps ? Kept(first, begin, out stride) : scratch.At(0);
        var count = Math.Min(Chunk, vocabulary - begin);
        var padded = TrainingKernels.Padded(count);
        for (var column = 0; column < padded; column += PackedMatrix.WidePanel)
        {
            kernels.Multiply(normed.At(first), normed.Stride, n, layout.Hidden, weights.Head.Forward.Floats + ((nint)(begin + column) * layout.Hidden), PackedMatrix.WidePanel,
                Math.Min(PackedMatrix.WidePanel, padded - column), z + column, stride, null, false);
        }
        for (var i = 0; i < n; i++) new Span<float>(z + (i * stride) + count, padded - count).Fill(Excluded / scale);
        return z;
    }

    private float* Kept(int first, int begin, out nint stride)
    {
        stride = kept!.Stride;
        return kept.At(first) + begin;
    }

    /// <summary>Takes a further chunk into a row's running largest logit and sums relative to it.</summary>
    private void Merge(int row, (float Largest, float Sum, float Weighted) chunk)
    {
        var top = Math.Max(largest[row], chunk.Largest);
        var (sum, weight) = (0.0, 0.0);
        if (sums[row] > 0) Shift(largest[row], sums[row], weighted[row]);
        Shift(chunk.Largest, chunk.Sum, chunk.Weighted);
        (largest[row], sums[row], weighted[row]) = (top, sum, weight);

        void Shift(double from, double s, double w)
        {
            var factor = Math.Exp(from - top);
            sum += factor * s;
            weight += factor * (w + (s * (from - top)));
        }
    }

    private void Reserve(int rows, bool keep)
    {
        keeps = keep && (long)rows * vocabulary <= KeptNumbers;
        if (rows > capacity)
        {
            capacity = rows;
            foreach (IDisposable held in (IDisposable[])[normed, roots, logSums, entropies]) held.Dispose();
            (normed, roots, logSums, entropies) = (new RowBuffer(rows, layout.Hidden), new NativeBuffer<float>(rows), new NativeBuffer<float>(rows), new NativeBuffer<float>(rows));
        }
        if (!keeps || rows <= keptCapacity) return;
        keptCapacity = rows;
        kept?.Dispose();
        kept = new RowBuffer(rows, TrainingKernels.Padded(vocabulary));
    }
}
