using System.Runtime.InteropServices;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Training;

/// <summary>
/// One worker's way through a model and back, over plain memory that is kept from call to call and grows to the largest micro-batch seen. The arithmetic is
/// h ← h + O·attention(rope(q), rope(k), v) with q, k, v = W·rms(h);  h ← h + Down·(silu(g) ⊙ u) with g, u = W·rms(h), in float32. There is no
/// padding, and what sequences begin with in common is computed once. Each sum is taken in an order that depends on the micro-batch alone. Not safe for use from several threads at once.
/// </summary>
public sealed unsafe class TrainingPass : IDisposable
{
    /// <summary>Rows that go through a layer's products together: what they need stays in the cache.</summary>
    internal const int Block = 96;

    private readonly TrainingLayout layout;
    private readonly CpuModelShape shape;
    private readonly TrainingKernels kernels;
    private readonly RotaryAngles angles;
    private readonly TrainingAttention attention;
    private readonly VocabularyHead head;
    private readonly LayerForward forward;
    private readonly LayerBackward backward;
    private readonly List<LayerActivations> activations = [];
    private RowBuffer hidden, dHidden;
    private int[] positions = [];
    private int capacity, gradientCapacity;

    /// <summary>A pass through models of a shape.</summary>
    public TrainingPass(CpuModelShape shape)
        : this(shape, TrainingKernels.Best)
    {
    }

    internal TrainingPass(CpuModelShape shape, TrainingKernels kernels)
    {
        (this.shape, this.kernels) = (shape, kernels);
        layout = new TrainingLayout(shape);
        angles = new RotaryAngles(shape.RotaryFrequencies);
        attention = new TrainingAttention(layout, kernels);
        head = new VocabularyHead(layout, kernels);
        forward = new LayerForward(layout, kernels, angles);
        backward = new LayerBackward(layout, kernels, angles);
        (hidden, dHidden) = (new RowBuffer(0, layout.Hidden), new RowBuffer(0, layout.Hidden));
    }

    /// <summary>Log-probabilities and entropies, in nats, of a micro-batch's loss tokens.</summary>
    /// <param name="weights">The weights, of this pass's shape.</param>
    /// <param name="tokens">The micro-batch.</param>
    /// <param name="temperature">Logits are divided by it.</param>
    /// <param name="keep">Whether <see cref="Backward"/> will follow.</param>
    /// <param name="logProbs">[N]: receives log-probabilities.</param>
    /// <param name="entropies">[N]: receives entropies.</param>
    public void Forward(TrainingWeights weights, PackedTokens tokens, double temperature, bool keep, Span<float> logProbs, Span<float> entropies)
    {
        var rows = tokens.Ids.Length;
        Reserve(tokens, keep);
        foreach (var run in tokens.Runs)
        {
            for (var i = 0; i < run.Count; i++) positions[run.First + i] = run.Position + i;
        }
        float* embeddings = weights.At(layout.Embedding);
        for (var row = 0; row < rows; row++) Copy(embeddings + ((nint)tokens.Ids[row] * layout.Hidden), activations[0].Input.At(row));
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var a = activations[keep ? layer : 0];
            var next = layer == shape.Layers - 1 ? hidden : activations[keep ? layer + 1 : 0].Input;
            var w = weights.Layers[layer];
            for (var first = 0; first < rows; first += Block) forward.Project(weights, w, a, positions, first, Math.Min(Block, rows - first));
            for (var run = 0; run < tokens.Runs.Length; run++) attention.Forward(a, tokens.Runs, run);
            for (var first = 0; first < rows; first += Block) forward.Finish(weights, w, a, next, first, Math.Min(Block, rows - first));
        }
        head.Forward(weights, hidden, tokens, temperature, keep, logProbs, entropies);
    }

    /// <summary>Adds the gradient of a loss of the numbers that <see cref="Forward"/> gave for the same micro-batch and weights.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="tokens">The micro-batch.</param>
    /// <param name="dLogProbs">[N]: the loss's derivatives with respect to log-probabilities.</param>
    /// <param name="dEntropies">[N]: with respect to entropies; empty where it does not depend on them.</param>
    /// <param name="gradients">Where gradients are summed.</param>
    public void Backward(TrainingWeights weights, PackedTokens tokens, ReadOnlySpan<float> dLogProbs, ReadOnlySpan<float> dEntropies, TrainingGradients gradients)
    {
        var rows = tokens.Ids.Length;
        NativeMemory.Clear(dHidden.At(0), (nuint)rows * (nuint)dHidden.Stride * sizeof(float));
        head.Backward(weights, hidden, tokens, dLogProbs, dEntropies, dHidden, gradients);
        for (var layer = shape.Layers - 1; layer >= 0; layer--)
        {
            var (a, w) = (activations[layer], weights.Layers[layer]);
            for (var first = 0; first < rows; first += Block) backward.Finish(weights, w, a, dHidden, gradients, first, Math.Min(Block, rows - first));
            for (var run = 0; run < tokens.Runs.Length; run++) attention.Backward(a, backward.Attended, tokens.Runs, run, backward.Projected);
            for (var first = 0; first < rows; first += Block) backward.Project(weights, w, a, dHidden, gradients, positions, first, Math.Min(Block, rows - first));
        }
        float* dEmbeddings = gradients.At(layout.Embedding);
        for (var row = 0; row < rows; row++) kernels.Add(dHidden.At(row), 0, 1, layout.Hidden, dEmbeddings + ((nint)tokens.Ids[row] * layout.Hidden), 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var held in (IEnumerable<IDisposable>)[.. activations, hidden, dHidden, angles, attention, head, forward, backward]) held.Dispose();
    }

    private void Copy(float* source, float* target) => new ReadOnlySpan<float>(source, layout.Hidden).CopyTo(new Span<float>(target, layout.Hidden));

    private void Reserve(PackedTokens tokens, bool keep)
    {
        var rows = tokens.Ids.Length;
        var longest = 0;
        foreach (var run in tokens.Runs) longest = Math.Max(longest, run.End);
        attention.Reserve(longest);
        angles.Reserve(longest);
        if (rows > capacity)
        {
            capacity = rows;
            foreach (var a in activations) a.Dispose();
            activations.Clear();
            hidden.Dispose();
            hidden = new RowBuffer(rows, layout.Hidden);
            positions = new int[rows];
        }
        while (activations.Count < (keep ? shape.Layers : 1)) activations.Add(new LayerActivations(layout, capacity));
        if (!keep || rows <= gradientCapacity) return;
        gradientCapacity = rows;
        dHidden.Dispose();
        dHidden = new RowBuffer(rows, layout.Hidden);
        backward.Reserve(rows);
    }
}
