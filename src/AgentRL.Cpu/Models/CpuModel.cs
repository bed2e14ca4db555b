using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Models;

/// <summary>
/// A transformer's weights packed for the CPU kernels. Knows no tensor library: whoever trains gives shape and numbers, and
/// imports the numbers anew after each update, in place.
/// </summary>
public sealed unsafe class CpuModel : IDisposable
{
    private readonly CpuLayer[] layers;
    private readonly NativeBuffer<float> finalNorm;
    private readonly PackedMatrix embedding;

    /// <summary>A model without weights: <see cref="Import"/> them before use.</summary>
    /// <exception cref="ArgumentException">The shape is invalid.</exception>
    public CpuModel(CpuModelShape shape, WeightStorage storage = WeightStorage.Float32)
    {
        Shape = shape.Validated();
        Storage = storage;
        layers = [.. Enumerable.Range(0, shape.Layers).Select(_ => new CpuLayer(shape, storage))];
        finalNorm = new NativeBuffer<float>(shape.HiddenSize);
        Head = new PackedMatrix(shape.HiddenSize, shape.VocabularySize, storage);
        // Embeddings are read out of panels: a second copy of a tied head is a tenth of a small model, and hundreds of megabytes of a large one.
        embedding = shape.TieEmbeddings ? Head : new PackedMatrix(shape.HiddenSize, shape.VocabularySize, storage);
    }

    /// <summary>The model's shape.</summary>
    public CpuModelShape Shape { get; }

    /// <summary>How its matrices are held.</summary>
    public WeightStorage Storage { get; }

    /// <summary>Whether weights have been imported.</summary>
    public bool HasWeights { get; private set; }

    /// <summary>Bytes its weights take.</summary>
    public long Bytes => layers.Sum(l => l.QueryKeyValue.Bytes + l.Output.Bytes + l.GateUp.Bytes + l.Down.Bytes)
        + Head.Bytes + (Shape.TieEmbeddings ? 0 : embedding.Bytes);

    internal PackedMatrix Head { get; }

    internal float* FinalNorm => finalNorm.Pointer;

    internal CpuLayer Layer(int layer) => layers[layer];

    /// <summary>Overwrites all weights. No engine may be at work on them; tell engines afterwards.</summary>
    /// <param name="read">Gives each parameter's numbers.</param>
    /// <exception cref="WeightsException">A parameter has another size, or is not finite: the weights held are then a mixture, and unusable.</exception>
    public void Import(WeightReader read)
    {
        HasWeights = false;
        var weights = new CheckedWeights(read);
        var matrix = (long)Shape.VocabularySize * Shape.HiddenSize;
        embedding.Fill(weights.Read("model.embed_tokens.weight", matrix), 0);
        for (var i = 0; i < layers.Length; i++) layers[i].Import(weights, $"model.layers.{i}.");
        weights.Read("model.norm.weight", Shape.HiddenSize).CopyTo(finalNorm.Span);
        if (!Shape.TieEmbeddings) Head.Fill(weights.Read("lm_head.weight", matrix), 0);
        HasWeights = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in layers) layer.Dispose();
        finalNorm.Dispose();
        embedding.Dispose();
        Head.Dispose();
    }

    /// <summary>A token's embedding.</summary>
    internal void Embed(int id, float* target) => embedding.Read(id, target);
}
