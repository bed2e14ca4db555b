using AgentRL.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>
/// Right-padded inputs and flat loss tokens of one micro-batch. Loss tokens are in row order. Tensors belong to the scope it is built in.
/// </summary>
internal sealed class MicroBatch
{
    private readonly List<TrainingSequence> _rows;
    private readonly int _lossTokens;
    private readonly ScalarType _type;
    private readonly Device _device;

    internal MicroBatch(IReadOnlyList<TrainingSequence> sequences, IReadOnlyList<int> chosen, ScalarType type, Device device)
    {
        _rows = [.. chosen.Select(i => sequences[i])];
        _type = type;
        _device = device;
        int width = _rows.Max(s => s.InputLength);
        long[] ids = new long[_rows.Count * width];
        List<long> positions = [], targets = [], segments = [];
        for (int b = 0; b < _rows.Count; b++)
        {
            TrainingSequence s = _rows[b];
            for (int t = 0; t < s.InputLength; t++)
            {
                ids[b * width + t] = s.Ids[t];
                if (s.LossWeights[t + 1] == 0)
                    continue;
                positions.Add(b * width + t);
                targets.Add(s.Ids[t + 1]);
                segments.Add(b);
            }
        }
        _lossTokens = targets.Count;
        Ids = tensor(ids, [_rows.Count, width], device: device);
        Positions = tensor([.. positions], device: device);
        Targets = tensor([.. targets], device: device);
        Segments = tensor([.. segments], device: device);
    }

    /// <summary>[B, T] int64.</summary>
    internal Tensor Ids { get; }

    /// <summary>[N] int64: rows of the flattened hidden states [B·T, D] that predict loss tokens.</summary>
    internal Tensor Positions { get; }

    /// <summary>[N] int64: the loss tokens.</summary>
    internal Tensor Targets { get; }

    /// <summary>[N] int64: the row each loss token is in.</summary>
    internal Tensor Segments { get; }

    internal PolicyLossInputs Inputs(Tensor logProbs, Tensor? entropies) => new()
    {
        LogProbs = logProbs,
        Entropies = entropies,
        Weights = Flat(s => s.LossWeights)!,
        Advantages = Flat(s => s.Advantages),
        OldLogProbs = Flat(s => s.OldLogProbs),
        ReferenceLogProbs = Flat(s => s.ReferenceLogProbs),
        BehaviourLogProbs = Flat(s => s.BehaviourLogProbs),
        SegmentIndices = Segments,
        Segments = _rows.Count,
    };

    /// <summary>Puts flat values [N] back to where their tokens are; the inverse of <see cref="Flat"/>.</summary>
    internal void Scatter(ReadOnlySpan<float> flat, Func<int, float[]> rowTarget)
    {
        int at = 0;
        for (int b = 0; b < _rows.Count; b++)
        {
            float[] target = rowTarget(b), weights = _rows[b].LossWeights;
            for (int t = 1; t < weights.Length; t++)
            {
                if (weights[t] != 0)
                    target[t] = flat[at++];
            }
        }
    }

    private Tensor? Flat(Func<TrainingSequence, float[]?> of)
    {
        if (_rows.Any(s => of(s) is null))
            return null;
        float[] flat = new float[_lossTokens];
        int at = 0;
        foreach (TrainingSequence s in _rows)
        {
            float[] values = of(s)!;
            for (int t = 1; t < values.Length; t++)
            {
                if (s.LossWeights[t] != 0)
                    flat[at++] = values[t];
            }
        }
        return tensor(flat, device: _device).to(_type);
    }
}
