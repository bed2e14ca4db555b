using AgentRL.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>The tokens of a micro-batch that bear loss, sequence after sequence, and what the loss needs to know of each.</summary>
internal sealed class LossTokens
{
    private readonly List<TrainingSequence> _rows;

    internal LossTokens(IReadOnlyList<TrainingSequence> sequences, IReadOnlyList<int> chosen)
    {
        _rows = [.. chosen.Select(i => sequences[i])];
        List<int> rows = [], positions = [], targets = [];
        for (int b = 0; b < _rows.Count; b++)
        {
            TrainingSequence s = _rows[b];
            for (int t = 0; t < s.InputLength; t++)
            {
                if (s.LossWeights[t + 1] == 0)
                    continue;
                rows.Add(b);
                positions.Add(t);
                targets.Add(s.Ids[t + 1]);
            }
        }
        (Rows, Positions, Targets) = ([.. rows], [.. positions], [.. targets]);
    }

    /// <summary>The micro-batch's sequences.</summary>
    internal IReadOnlyList<TrainingSequence> Sequences => _rows;

    /// <summary>[N]: the sequence each token is in.</summary>
    internal int[] Rows { get; }

    /// <summary>[N]: position of the token before it, from which it is predicted.</summary>
    internal int[] Positions { get; }

    /// <summary>[N]: the tokens.</summary>
    internal int[] Targets { get; }

    /// <summary>Number of tokens, N.</summary>
    internal int Count => Targets.Length;

    /// <summary>The loss's inputs; tensors belong to the scope this is called in.</summary>
    internal PolicyLossInputs Inputs(Tensor logProbs, Tensor? entropies, ScalarType type, Device device)
    {
        return new()
        {
            LogProbs = logProbs,
            Entropies = entropies,
            Weights = OnDevice(s => s.LossWeights)!,
            Advantages = OnDevice(s => s.Advantages),
            OldLogProbs = OnDevice(s => s.OldLogProbs),
            ReferenceLogProbs = OnDevice(s => s.ReferenceLogProbs),
            BehaviourLogProbs = OnDevice(s => s.BehaviourLogProbs),
            SegmentIndices = tensor([.. Rows.Select(r => (long)r)], device: device),
            Segments = _rows.Count,
        };

        Tensor? OnDevice(Func<TrainingSequence, float[]?> of) => Flat(of) is { } flat ? tensor(flat, device: device).to(type) : null;
    }

    /// <summary>Puts flat values [N] back to where their tokens are; the inverse of <see cref="Flat"/>.</summary>
    internal void Scatter(ReadOnlySpan<float> flat, Func<int, float[]> rowTarget)
    {
        for (int i = 0; i < Count; i++)
            rowTarget(Rows[i])[Positions[i] + 1] = flat[i];
    }

    private float[]? Flat(Func<TrainingSequence, float[]?> of)
    {
        if (_rows.Any(s => of(s) is null))
            return null;
        float[] flat = new float[Count];
        for (int i = 0; i < flat.Length; i++)
            flat[i] = of(_rows[Rows[i]])![Positions[i] + 1];
        return flat;
    }
}
