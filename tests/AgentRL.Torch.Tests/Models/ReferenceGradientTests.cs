using AgentRL.Testing;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Models;

/// <summary>Loss and gradients against an independent implementation in float64.</summary>
public sealed class ReferenceGradientTests
{
    // Float32 carries about 7 digits through some 200 sums per layer; the float64 run shows that what remains is rounding, not arithmetic
    // (the references themselves are stored as float32: 6e-8).
    [SharedDataFact]
    public void Cross_entropy_loss_and_gradients_agree_in_float32() => Check(ScalarType.Float32, 1e-6, 1e-4);

    [SharedDataFact]
    public void Cross_entropy_loss_and_gradients_agree_in_float64() => Check(ScalarType.Float64, 1e-9, 1e-6);

    private static void Check(ScalarType type, double lossTolerance, double gradientTolerance)
    {
        using TransformerPolicy policy = StoriesReference.Policy(type);
        StoriesReference r = StoriesReference.Instance;
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = policy.Logits(policy.HiddenStates(ReferenceModelTests.Batch(r.Inputs)).squeeze(0));
        Tensor loss = nn.functional.cross_entropy(logits, tensor(Array.ConvertAll(r.Targets, t => (long)t)));
        loss.backward();
        double wanted = r.Gradients.GetProperty("ce").GetProperty("loss").GetDouble();
        Assert.Equal(wanted, loss.to(ScalarType.Float64).item<double>(), lossTolerance);
        (double error, string name) = StoriesReference.WorstGradient(policy, "grads_ce_p9.safetensors");
        Assert.True(error < gradientTolerance, $"{name}: {error}");
    }
}
