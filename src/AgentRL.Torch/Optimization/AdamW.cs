using System.Globalization;
using AgentRL.Torch.Models;
using AgentRL.Torch.Native;
using AgentRL.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Optimization;

/// <summary>What one optimizer step saw and did.</summary>
/// <param name="GradientNorm">Global norm before clipping.</param>
/// <param name="LearningRate">The rate applied.</param>
/// <param name="Applied">False when the gradient was not finite: weights and state are then untouched, the gradients are dropped.</param>
public readonly record struct OptimizerStepResult(double GradientNorm, double LearningRate, bool Applied);

/// <summary>
/// AdamW (Loshchilov and Hutter, 2019): m ← β1·m + (1−β1)·g,  v ← β2·v + (1−β2)·g²,
/// p ← p·(1 − lr·λ) − lr · (m / (1−β1ᵗ)) / (sqrt(v / (1−β2ᵗ)) + ε), after clipping by the global norm, with linear warm-up.
/// All parameters live in one flat state so that a step is a dozen operations whatever the number of tensors.
/// With <see cref="AdamWOptions.Muon"/> the layers' matrices take Muon's step instead: p ← p·(1 − lr·λ) − lr · orthogonalized(β1·m + (1−β1)·g).
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly TransformerPolicy _policy;
    private readonly AdamWOptions _options;
    private readonly long[] _sizes;
    private readonly Tensor _decayed;
    private Tensor _mean, _square;

    /// <summary>An optimizer in its initial state.</summary>
    public AdamW(TransformerPolicy policy, AdamWOptions options)
    {
        _policy = policy;
        _options = Validated(options);
        _sizes = [.. policy.Names.Select(n => policy.Parameters[n].numel())];
        using DisposeScope scope = NewDisposeScope();
        _mean = zeros([_sizes.Sum()], policy.Type, policy.Device).DetachFromDisposeScope();
        _square = zeros_like(_mean).DetachFromDisposeScope();
        _decayed = cat([.. policy.Names.Select(n => Decayed(policy.Parameters[n]))])
            .DetachFromDisposeScope();

        Tensor Decayed(Tensor p) => options.DecayVectors || p.dim() > 1 ? ones([p.numel()], p.dtype, p.device) : zeros([p.numel()], p.dtype, p.device);
    }

    /// <summary>Steps applied so far.</summary>
    public int Steps { get; private set; }

    /// <summary>The rate the next step will use.</summary>
    public double LearningRate => _options.LearningRate * WarmUp * Decay;

    private double WarmUp => _options.WarmupSteps > 0 ? Math.Min(1, (Steps + 1.0) / _options.WarmupSteps) : 1;

    private double Decay => _options.DecaySteps > 0 ? 1 - ((1 - _options.FinalShare) * Math.Min(1, (double)Steps / _options.DecaySteps)) : 1;

    /// <summary>Clips, updates the weights, and drops the gradients. Parameters without a gradient count as having gradient zero.</summary>
    public OptimizerStepResult Step()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor gradient = FlatGradient();
        double norm = gradient.norm().to(ScalarType.Float64).item<double>(), rate = LearningRate;
        ZeroGradients();
        if (!double.IsFinite(norm))
            return new OptimizerStepResult(norm, rate, false);
        if (_options.MaxGradientNorm > 0 && norm > _options.MaxGradientNorm)
            gradient.Mul_(_options.MaxGradientNorm / norm);
        Steps++;
        _mean.Mul_(_options.Beta1).Add_(gradient, 1 - _options.Beta1);
        _square.Mul_(_options.Beta2).AddProduct_(gradient, gradient, 1 - _options.Beta2);
        double meanBias = 1 - Math.Pow(_options.Beta1, Steps), squareBias = 1 - Math.Pow(_options.Beta2, Steps);
        Tensor update = _square.sqrt().Mul_(1 / Math.Sqrt(squareBias)).Add_(_options.Epsilon).reciprocal_().mul_(_mean).Mul_(-rate / meanBias);
        if (_options.Muon)
            Orthogonalize(update, gradient, rate);
        if (_options.WeightDecay > 0)
        {
            Tensor weights = cat([.. _policy.Names.Select(n => _policy.Parameters[n].flatten())]);
            update.AddProduct_(weights, _decayed, -rate * _options.WeightDecay);
        }
        Tensor[] parts = update.split(_sizes);
        for (int i = 0; i < parts.Length; i++)
        {
            Tensor p = _policy.Parameters[_policy.Names[i]];
            p.Add_(parts[i].view_as(p));
        }
        _policy.WeightsChanged();
        return new OptimizerStepResult(norm, rate, true);
    }

    /// <summary>Drops accumulated gradients.</summary>
    public void ZeroGradients()
    {
        foreach (string name in _policy.Names)
        {
            Tensor p = _policy.Parameters[name];
            using Tensor? gradient = p.grad;
            if (gradient is not null)
                p.grad = null;
        }
    }

    /// <summary>Writes the state, exactly.</summary>
    public void Save(string path) =>
        SafetensorsFile.Write(path, [new("mean", _mean), new("square", _square)], new Dictionary<string, string>
        {
            ["kind"] = "adamw",
            ["steps"] = Steps.ToString(CultureInfo.InvariantCulture),
        });

    /// <summary>Restores a saved state; the next steps give the same bits as if nothing had happened in between.</summary>
    /// <exception cref="SafetensorsException">The file is damaged or belongs to another model.</exception>
    public void Load(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue("steps", out string? text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int steps))
            throw new SafetensorsException(path, (long?)null, "not an optimizer state: no count of steps");
        Tensor mean = Restore(file, path, "mean"), square = Restore(file, path, "square");
        _mean.Dispose();
        _square.Dispose();
        (_mean, _square, Steps) = (mean.DetachFromDisposeScope(), square.DetachFromDisposeScope(), steps);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
        _decayed.Dispose();
    }

    private Tensor Restore(SafetensorsFile file, string path, string name)
    {
        Tensor t = file.Read(name);
        if (t.dim() != 1 || t.numel() != _mean.numel() || t.dtype != _mean.dtype)
            throw new SafetensorsException(path, name, $"{t.numel()} values of {t.dtype}, the model has {_mean.numel()} of {_mean.dtype}");
        return t.to(_policy.Device);
    }

    private void Orthogonalize(Tensor update, Tensor gradient, double rate)
    {
        Tensor[] updates = update.split(_sizes), means = _mean.split(_sizes), gradients = gradient.split(_sizes);
        for (int i = 0; i < updates.Length; i++)
        {
            Tensor p = _policy.Parameters[_policy.Names[i]];
            if (p.dim() != 2 || ParameterNames.IsVocabulary(_policy.Names[i]))
                continue;
            using DisposeScope scope = NewDisposeScope();
            Tensor momentum = means[i].Times(_options.Beta1).Add_(gradients[i], 1 - _options.Beta1).view_as(p);
            updates[i].view_as(p).copy_(Orthogonalization.Direction(momentum).Mul_(-rate));
        }
    }

    private Tensor FlatGradient()
    {
        Tensor[] gradients = new Tensor[_sizes.Length];
        for (int i = 0; i < gradients.Length; i++)
            gradients[i] = _policy.Parameters[_policy.Names[i]].grad?.flatten() ?? zeros([_sizes[i]], _policy.Type, _policy.Device);
        return cat(gradients);
    }

    private static AdamWOptions Validated(AdamWOptions o)
    {
        List<string> faults = [];
        if (!(o.LearningRate > 0 && double.IsFinite(o.LearningRate)))
            faults.Add($"learning rate {o.LearningRate} is not above 0");
        if (o.Beta1 is not (>= 0 and < 1) || o.Beta2 is not (>= 0 and < 1))
            faults.Add($"betas {o.Beta1}, {o.Beta2} are not in [0, 1)");
        if (!(o.Epsilon > 0))
            faults.Add($"epsilon {o.Epsilon} is not above 0");
        if (!(o.WeightDecay >= 0))
            faults.Add($"weight decay {o.WeightDecay} is below 0");
        if (o.WarmupSteps < 0)
            faults.Add($"warm-up of {o.WarmupSteps} steps");
        if (o.DecaySteps < 0 || o.FinalShare is not (>= 0 and <= 1))
            faults.Add($"decay over {o.DecaySteps} steps to a share of {o.FinalShare}");
        if (double.IsNaN(o.MaxGradientNorm) || o.MaxGradientNorm < 0)
            faults.Add($"largest gradient norm {o.MaxGradientNorm} is below 0");
        return faults.Count == 0 ? o : throw new ArgumentException("AdamW: " + string.Join("; ", faults), nameof(o));
    }
}
