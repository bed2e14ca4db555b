using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AgentRL.Torch.Models;

/// <summary>
/// A decoder-only transformer of the Llama/Qwen family as functions over named parameters. Two ways through it share all arithmetic:
/// <see cref="HiddenStates"/> over right-padded batches for training, and <see cref="Advance"/> over a key/value cache for generation.
/// Not safe for use from several threads at once.
/// </summary>
public sealed class TransformerPolicy : IDisposable
{
    private readonly Dictionary<string, Tensor> _parameters;
    private readonly TransformerLayer _layer;
    private readonly RotaryTable _rotary;
    private readonly Lock _packing = new();
    private volatile LayerWeights[]? _packed;
    private Tensor[] _packedOwned = [];

    /// <summary>Takes ownership of the parameters, which must be exactly those of the configuration, of one type on one device.</summary>
    internal TransformerPolicy(TransformerConfig config, Dictionary<string, Tensor> parameters)
    {
        Config = config.Validated();
        _parameters = parameters;
        Names = [.. config.ParameterShapes().Select(p => p.Name)];
        Tensor first = parameters[Names[0]];
        Type = first.dtype;
        Device = first.device;
        foreach (string name in Names)
            parameters[name].DetachFromDisposeScope().requires_grad_(true);
        _layer = new TransformerLayer(config, Type);
        _rotary = new RotaryTable(config, Type, Device);
    }

    /// <summary>The model's shape.</summary>
    public TransformerConfig Config { get; }

    /// <summary>Parameter names in a fixed order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The parameters by Hugging Face name; matrices are [out, in]. Call <see cref="WeightsChanged"/> after writing to them.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => _parameters;

    /// <summary>Type of the parameters and of the arithmetic.</summary>
    public ScalarType Type { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>Number of scalar parameters.</summary>
    public long ParameterCount => _parameters.Values.Sum(p => p.numel());

    /// <summary>
    /// New weights: normal with deviation 0.6/sqrt(hidden), projections into the residual stream scaled by 1/sqrt(2·layers), norms 1, biases 0.
    /// The same configuration and seed give the same weights. At a width of 900 that is the usual 0.02, which is too
    /// little for narrow models: they learn slowly from it.
    /// </summary>
    public static TransformerPolicy Random(TransformerConfig config, long seed, ScalarType type = ScalarType.Float32)
    {
        config.Validated();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Generator generator = new((ulong)seed, CPU);
        Dictionary<string, Tensor> parameters = [];
        double usual = 0.6 / Math.Sqrt(config.HiddenSize);
        foreach ((string name, long[] shape) in config.ParameterShapes())
        {
            double deviation = name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("down_proj.weight", StringComparison.Ordinal)
                ? usual / Math.Sqrt(2.0 * config.Layers)
                : usual;
            Tensor p = name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape)
                : shape.Length == 1 ? ones(shape)
                : empty(shape).normal_(0, deviation, generator);
            parameters[name] = p.to(type).DetachFromDisposeScope();
        }
        return new TransformerPolicy(config, parameters);
    }

    /// <summary>A copy with its own weights (for a frozen reference, or another type), without gradients attached.</summary>
    public TransformerPolicy Copy(ScalarType? type = null)
    {
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> parameters = [];
        foreach (string name in Names)
            parameters[name] = _parameters[name].detach().to(type ?? Type, copy: true).DetachFromDisposeScope();
        return new TransformerPolicy(Config, parameters);
    }

    /// <summary>Overwrites the weights with another policy's of the same shape.</summary>
    public void CopyFrom(TransformerPolicy other)
    {
        using IDisposable noGradient = no_grad();
        foreach (string name in Names)
            _parameters[name].copy_(other._parameters[name]).Dispose();
        WeightsChanged();
    }

    /// <summary>
    /// Final hidden states [B, T, D], normalised, of token ids [B, T] (int64). Rows may be padded on the right with any id: attention is
    /// causal, so a token never sees what follows it, and no mask is needed as long as padding bears no loss.
    /// Differentiable unless called under <c>no_grad</c>; temporaries belong to the caller's dispose scope.
    /// </summary>
    public Tensor HiddenStates(Tensor ids_BT)
    {
        int rows = (int)ids_BT.size(0), tokens = (int)ids_BT.size(1);
        LayerWeights[] layers = is_grad_enabled() ? LayerWeights.Pack(Config, _parameters) : Packed();
        Tensor rotation = _rotary.Prefix(tokens).unsqueeze(1);
        Tensor h = Embed(ids_BT, rows, tokens);
        foreach (LayerWeights w in layers)
        {
            (Tensor q, Tensor k, Tensor v) = _layer.Project(h, w, rotation, rows, tokens);
            h = _layer.Finish(h, _layer.Attend(q, k.transpose(1, 2), v.transpose(1, 2), null, rows, tokens), w);
        }
        return _layer.Norm(h, _parameters[ParameterNames.FinalNorm]);
    }

    /// <summary>Scores of every token id, […, V], from hidden states […, D]. Select the rows you need first.</summary>
    public Tensor Logits(Tensor hidden) =>
        functional.linear(hidden, _parameters[Config.TieEmbeddings ? ParameterNames.Embedding : ParameterNames.Head]);

    /// <summary>Tells the policy that parameters were written to, so that packed copies for generation are made anew.</summary>
    public void WeightsChanged()
    {
        foreach (Tensor t in _packedOwned)
            t.Dispose();
        _packedOwned = [];
        _packed = null;
    }

    /// <summary>
    /// Appends tokens to sequences in a cache and returns hidden states [B, T, D] of the new tokens. No gradients.
    /// </summary>
    internal Tensor Advance(CacheStep step, KeyValueCache cache)
    {
        LayerWeights[] layers = Packed();
        int rows = step.Rows, tokens = step.Tokens;
        Tensor rotation = _rotary.At(step.Positions, step.Length + 1).view(rows, tokens, 1, -1);
        Tensor h = Embed(step.Ids, rows, tokens);
        for (int i = 0; i < layers.Length; i++)
        {
            (Tensor q, Tensor k, Tensor v) = _layer.Project(h, layers[i], rotation, rows, tokens);
            cache.Write(i, step.CacheRows, k, v);
            (Tensor keys, Tensor values) = step.Slots is null
                ? cache.Range(i, step.FirstSlot, rows, step.Length)
                : cache.Gather(i, step.Slots, step.Length);
            h = _layer.Finish(h, _layer.Attend(q, keys, values, step.Mask, rows, tokens), layers[i]);
        }
        return _layer.Norm(h, _parameters[ParameterNames.FinalNorm]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        WeightsChanged();
        _rotary.Dispose();
        foreach (Tensor p in _parameters.Values)
        {
            p.grad?.Dispose();
            p.Dispose();
        }
    }

    private Tensor Embed(Tensor ids_BT, int rows, int tokens) =>
        _parameters[ParameterNames.Embedding].index_select(0, ids_BT.flatten()).view(rows, tokens, Config.HiddenSize);

    private LayerWeights[] Packed()
    {
        if (_packed is { } ready)
            return ready;
        // Several engines share a policy, each on a thread of its own: the first to come packs.
        using Lock.Scope packing = _packing.EnterScope();
        if (_packed is { } packed)
            return packed;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        LayerWeights[] layers = LayerWeights.Pack(Config, _parameters);
        _packedOwned = [.. layers.SelectMany(w => new[] { w.QueryKeyValue, w.QueryKeyValueBias, w.QueryKeyNorm, w.GateUp }).OfType<Tensor>()];
        foreach (Tensor t in _packedOwned)
            t.DetachFromDisposeScope();
        _packed = layers;
        return layers;
    }
}
