using System.Runtime.InteropServices;
using AgentRL.Cpu.Training;
using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>
/// The CPU kernels' way: no padding, common beginnings computed once, forward and backward pass by hand. In between, the same
/// <see cref="PolicyLoss"/> as everywhere, on log-probabilities and entropies as leaves: its derivatives with respect to those two are all that the
/// backward pass needs to know of a loss. Gradients land where the optimizer looks for them.
/// </summary>
internal sealed class CpuTrainingEngine : ITrainingEngine
{
    /// <summary>
    /// A larger micro-batch gains nothing, because little is paid per operation, but its activations leave the cache: at 4,096 tokens a pass is 5 to 10 % slower.
    /// </summary>
    private const int LargestMicroBatch = 1024;

    private readonly TransformerPolicy _policy;
    private readonly SegmentTrainerOptions _options;
    private readonly CpuWorkers _workers;
    private readonly TrainingGradients[] _gradients;
    private CpuWorkers? _others;

    internal CpuTrainingEngine(TransformerPolicy policy, SegmentTrainerOptions options)
    {
        if (!CpuWorkers.Fits(policy))
            throw new ArgumentException($"the CPU training engine computes float32 on the CPU; the policy is {policy.Type} on {policy.Device}", nameof(policy));
        _policy = policy;
        _options = options;
        _workers = new CpuWorkers(policy, options.Workers);
        _gradients = [.. Enumerable.Range(0, options.Workers).Select(_ => new TrainingGradients(_workers.Weights))];
    }

    private int Budget => Math.Min(_options.MicroBatchTokens, LargestMicroBatch);

    public PolicyLossMetrics AccumulateGradients(IReadOnlyList<TrainingSequence> sequences, PolicyLossOptions loss, CancellationToken cancellationToken)
    {
        List<List<int>> plan = PackedPlan.Of(sequences, Budget, _options.Workers);
        if (plan.Count == 0)
            return new PolicyLossMetrics();
        _workers.Import();
        foreach (TrainingGradients gradients in _gradients)
            gradients.Clear();
        PolicyLossMetrics[] parts = new PolicyLossMetrics[plan.Count];
        _workers.Run([.. plan.Index()], item => PackedPlan.Rows(sequences, item.Item), (worker, pass, item) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts[item.Index] = Step(pass, _gradients[worker], new LossTokens(sequences, item.Item), loss);
        });
        foreach (TrainingGradients other in _gradients.AsSpan(1, Math.Min(_gradients.Length, plan.Count) - 1))
            _gradients[0].Add(other);
        Publish();
        return parts.Aggregate(new PolicyLossMetrics(), (a, b) => a + b);
    }

    public float[][] LogProbs(TransformerPolicy policy, IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken)
    {
        if (!CpuWorkers.Fits(policy))
            return TorchTrainingEngine.LogProbs(policy, sequences, _options, cancellationToken);
        CpuWorkers workers = Of(policy);
        float[][] result = [.. sequences.Select(s => new float[s.Ids.Length])];
        workers.Import();
        workers.Run(PackedPlan.Of(sequences, Budget, _options.Workers), rows => PackedPlan.Rows(sequences, rows), (_, pass, rows) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            LossTokens tokens = new(sequences, rows);
            float[] logProbs = new float[tokens.Count], entropies = new float[tokens.Count];
            pass.Forward(workers.Weights, PrefixForest.Pack(tokens), _options.Temperature, keep: false, logProbs, entropies);
            tokens.Scatter(logProbs, b => result[rows[b]]);
        });
        return result;
    }

    public void Dispose()
    {
        _workers.Dispose();
        _others?.Dispose();
        foreach (TrainingGradients gradients in _gradients)
            gradients.Dispose();
    }

    private PolicyLossMetrics Step(TrainingPass pass, TrainingGradients gradients, LossTokens tokens, PolicyLossOptions loss)
    {
        PackedTokens packed = PrefixForest.Pack(tokens);
        float[] logProbs = new float[tokens.Count], entropies = new float[tokens.Count];
        pass.Forward(_workers.Weights, packed, _options.Temperature, keep: true, logProbs, entropies);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradient = enable_grad();
        bool follows = loss.EntropyCoefficient != 0;
        Tensor leaf = tensor(logProbs).requires_grad_(true);
        Tensor? entropy = follows || _options.MeasureEntropy ? tensor(entropies).requires_grad_(follows) : null;
        (Tensor value, PolicyLossMetrics metrics) = PolicyLoss.Compute(tokens.Inputs(leaf, entropy, ScalarType.Float32, CPU), loss);
        value.backward();
        leaf.grad!.data<float>().CopyTo(logProbs);
        if (follows)
            entropy!.grad!.data<float>().CopyTo(entropies);
        pass.Backward(_workers.Weights, packed, logProbs, follows ? entropies : [], gradients);
        return metrics;
    }

    /// <summary>Adds the sum of all workers' gradients to the parameters'.</summary>
    private void Publish()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (string name in _policy.Names)
        {
            Tensor parameter = _policy.Parameters[name];
            bool add = parameter.grad is not null;
            Tensor gradient = parameter.grad ?? empty(parameter.shape, ScalarType.Float32);
            _gradients[0].CopyTo(name, MemoryMarshal.Cast<byte, float>(gradient.bytes), add);
            if (!add)
                parameter.grad = gradient;
        }
    }

    private CpuWorkers Of(TransformerPolicy policy)
    {
        if (ReferenceEquals(policy, _policy))
            return _workers;
        if (!ReferenceEquals(policy, _others?.Policy))
        {
            _others?.Dispose();
            _others = new CpuWorkers(policy, _options.Workers);
        }
        return _others!;
    }
}
