using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Training;

/// <summary>
/// Where everything trainable stands in one flat array: weights and gradients share it. Matrices [outputs][inputs] are padded with zeros, rows to whole
/// lanes and each head to whole lanes, so that kernels meet no odd ends; queries, keys and values are one matrix, gate and up another.
/// </summary>
internal sealed class TrainingLayout
{
    private readonly List<ParameterPlace> places = [];

    public TrainingLayout(CpuModelShape shape)
    {
        Shape = shape.Validated();
        Hidden = TrainingKernels.Padded(shape.HiddenSize);
        HeadWidth = TrainingKernels.Padded(shape.HeadSize);
        QueryWidth = shape.Heads * HeadWidth;
        KeyWidth = shape.KeyValueHeads * HeadWidth;
        GateWidth = TrainingKernels.Padded(shape.IntermediateSize);
        Runs hidden = Runs.Of(shape.HiddenSize), queries = new(shape.Heads, shape.HeadSize, HeadWidth), keys = queries with { Count = shape.KeyValueHeads }, head = Runs.Of(shape.HeadSize);
        Runs gate = Runs.Of(shape.IntermediateSize), vocabulary = Runs.Of(shape.VocabularySize);
        Embedding = Block(shape.VocabularySize, Hidden);
        Place("model.embed_tokens.weight", Embedding, 0, vocabulary, hidden);
        Layers = new LayerLayout[shape.Layers];
        for (var i = 0; i < Layers.Length; i++)
        {
            var p = $"model.layers.{i}.";
            var l = Layers[i] = new LayerLayout(
                Block(1, Hidden), Block(QueryWidth + (2 * KeyWidth), Hidden), Block(shape.QueryKeyValueBias ? 1 : 0, QueryWidth + (2 * KeyWidth)),
                Block(shape.QueryKeyNorm ? 1 : 0, HeadWidth), Block(shape.QueryKeyNorm ? 1 : 0, HeadWidth),
                Block(shape.HiddenSize, QueryWidth), Block(shape.OutputBias ? 1 : 0, Hidden), Block(1, Hidden), Block(2 * GateWidth, Hidden), Block(shape.HiddenSize, GateWidth));
            Place(p + "input_layernorm.weight", l.InputNorm, 0, Runs.Of(1), hidden);
            Place(p + "self_attn.q_proj.weight", l.QueryKeyValue, 0, queries, hidden);
            Place(p + "self_attn.k_proj.weight", l.QueryKeyValue, QueryWidth, keys, hidden);
            Place(p + "self_attn.v_proj.weight", l.QueryKeyValue, QueryWidth + KeyWidth, keys, hidden);
            if (shape.QueryKeyValueBias)
            {
                Place(p + "self_attn.q_proj.bias", l.QueryKeyValueBias, 0, Runs.Of(1), queries);
                Place(p + "self_attn.k_proj.bias", l.QueryKeyValueBias.From(QueryWidth), 0, Runs.Of(1), keys);
                Place(p + "self_attn.v_proj.bias", l.QueryKeyValueBias.From(QueryWidth + KeyWidth), 0, Runs.Of(1), keys);
            }
            if (shape.QueryKeyNorm)
            {
                Place(p + "self_attn.q_norm.weight", l.QueryNorm, 0, Runs.Of(1), head);
                Place(p + "self_attn.k_norm.weight", l.KeyNorm, 0, Runs.Of(1), head);
            }
            Place(p + "self_attn.o_proj.weight", l.Output, 0, hidden, queries);
            if (shape.OutputBias) Place(p + "self_attn.o_proj.bias", l.OutputBias, 0, Runs.Of(1), hidden);
            Place(p + "post_attention_layernorm.weight", l.PostNorm, 0, Runs.Of(1), hidden);
            Place(p + "mlp.gate_proj.weight", l.GateUp, 0, gate, hidden);
            Place(p + "mlp.up_proj.weight", l.GateUp, GateWidth, gate, hidden);
            Place(p + "mlp.down_proj.weight", l.Down, 0, hidden, gate);
        }
        FinalNorm = Block(1, Hidden);
        Place("model.norm.weight", FinalNorm, 0, Runs.Of(1), hidden);
        Head = shape.TieEmbeddings ? Embedding : Block(shape.VocabularySize, Hidden);
        if (!shape.TieEmbeddings) Place("lm_head.weight", Head, 0, vocabulary, hidden);
    }

    public CpuModelShape Shape { get; }

    /// <summary>Width of the residual stream in whole lanes; the following likewise.</summary>
    public int Hidden { get; }

    public int HeadWidth { get; }

    public int QueryWidth { get; }

    public int KeyWidth { get; }

    /// <summary>Queries, keys and values side by side.</summary>
    public int ProjectedWidth => QueryWidth + (2 * KeyWidth);

    public int GateWidth { get; }

    public FlatBlock Embedding { get; }

    public LayerLayout[] Layers { get; }

    public FlatBlock FinalNorm { get; }

    /// <summary>The embedding's own block when they are tied.</summary>
    public FlatBlock Head { get; }

    /// <summary>Numbers in all.</summary>
    public long Length { get; private set; }

    public IReadOnlyList<ParameterPlace> Places => places;

    private FlatBlock Block(int rows, int columns)
    {
        var block = new FlatBlock(Length, rows, columns);
        Length += (long)rows * columns;
        return block;
    }

    private void Place(string name, FlatBlock block, int firstRow, Runs rows, Runs columns) =>
        places.Add(new ParameterPlace(name, block.Offset + ((long)firstRow * block.Columns), block.Columns, rows, columns));
}

/// <summary>A padded matrix or vector in the flat array; no rows where the model has none.</summary>
internal readonly record struct FlatBlock(long Offset, int Rows, int Columns)
{
    /// <summary>A vector's numbers from an index on.</summary>
    public FlatBlock From(int column) => this with { Offset = Offset + column };
}

/// <summary>A layer's blocks.</summary>
internal sealed record LayerLayout(
    FlatBlock InputNorm, FlatBlock QueryKeyValue, FlatBlock QueryKeyValueBias, FlatBlock QueryNorm, FlatBlock KeyNorm,
    FlatBlock Output, FlatBlock OutputBias, FlatBlock PostNorm, FlatBlock GateUp, FlatBlock Down);

/// <summary>Indices as runs of equal length, so far from one another: heads within padded heads, or a single run.</summary>
internal readonly record struct Runs(int Count, int Size, int Stride)
{
    public int Length => Count * Size;

    public static Runs Of(int length) => new(1, length, length);
}

/// <summary>Where one parameter's numbers [rows][columns] stand in the flat array.</summary>
internal readonly unsafe record struct ParameterPlace(string Name, long Offset, int RowStride, Runs Rows, Runs Columns)
{
    public long Count => (long)Rows.Length * Columns.Length;

    /// <summary>Lays a parameter's numbers out.</summary>
    public void Read(float* source, float* flat)
    {
        foreach (var (at, from) in Stretches()) new ReadOnlySpan<float>(source + from, Columns.Size).CopyTo(new Span<float>(flat + at, Columns.Size));
    }

    /// <summary>Takes a parameter's numbers out, or adds them.</summary>
    public void Write(float* flat, float* target, bool add)
    {
        foreach (var (at, to) in Stretches())
        {
            float* source = flat + at, kept = target + to;
            if (!add)
            {
                new ReadOnlySpan<float>(source, Columns.Size).CopyTo(new Span<float>(kept, Columns.Size));
                continue;
            }
            for (var i = 0; i < Columns.Size; i++) kept[i] += source[i];
        }
    }

    private IEnumerable<(long Flat, long Own)> Stretches()
    {
        long own = 0;
        for (var row = 0; row < Rows.Length; row++)
        {
            var start = Offset + ((long)((row / Rows.Size * Rows.Stride) + (row % Rows.Size)) * RowStride);
            for (var run = 0; run < Columns.Count; run++, own += Columns.Size) yield return (start + (run * Columns.Stride), own);
        }
    }
}
