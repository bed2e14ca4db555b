using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Optimization;

public sealed class AdamWTests
{
    private static readonly AdamWOptions Options = new() { LearningRate = 3e-3, WeightDecay = 0.1, WarmupSteps = 4 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Three_steps_saved_loaded_and_three_more_are_six_steps_bit_by_bit(bool muon)
    {
        AdamWOptions options = Options with { Muon = muon };
        using TemporaryFolder folder = new();
        using TransformerPolicy straight = TransformerPolicy.Random(Small.Config(), 3), broken = TransformerPolicy.Random(Small.Config(), 3);
        using AdamW optimizer = new(straight, options);
        for (int i = 0; i < 6; i++)
            Step(straight, optimizer, i);
        using (AdamW before = new(broken, options))
        {
            for (int i = 0; i < 3; i++)
                Step(broken, before, i);
            before.Save(folder["optimizer.safetensors"]);
            PolicyFolder.Save(broken, folder.Path);
        }
        using TransformerPolicy resumed = PolicyFolder.Load(folder.Path);
        using AdamW after = new(resumed, options);
        after.Load(folder["optimizer.safetensors"]);
        Assert.Equal(3, after.Steps);
        for (int i = 3; i < 6; i++)
            Step(resumed, after, i);
        foreach (string name in straight.Names)
            Assert.True(Same.Bits(straight.Parameters[name], resumed.Parameters[name]), name);
    }

    [Fact]
    public void A_state_of_another_model_or_a_damaged_one_is_refused()
    {
        using TemporaryFolder folder = new();
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 3), other = TransformerPolicy.Random(Small.Config() with { Layers = 1 }, 3);
        using AdamW optimizer = new(policy, Options), another = new(other, Options);
        another.Save(folder["o"]);
        Assert.Throws<SafetensorsException>(() => optimizer.Load(folder["o"]));
        PolicyFolder.Save(policy, folder.Path);
        Assert.Throws<SafetensorsException>(() => optimizer.Load(folder["model.safetensors"]));
    }

    [Fact]
    public void The_rate_warms_up_linearly_and_the_norm_is_clipped()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 3);
        using AdamW optimizer = new(policy, Options);
        double[] rates = [.. Enumerable.Range(0, 6).Select(i => Step(policy, optimizer, i).LearningRate)];
        Assert.Equal([0.75e-3, 1.5e-3, 2.25e-3, 3e-3, 3e-3, 3e-3], rates, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Only_matrices_decay_unless_asked_otherwise()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 3);
        using AdamW optimizer = new(policy, Options with { WarmupSteps = 0 });
        double before = policy.Parameters["model.embed_tokens.weight"].norm().item<float>();
        optimizer.Step(); // no gradients: only decay
        Assert.Equal(1 - 3e-4, policy.Parameters["model.embed_tokens.weight"].norm().item<float>() / before, 1e-6);
        Assert.Equal(1f, policy.Parameters["model.norm.weight"].min().item<float>());
        using AdamW all = new(policy, Options with { WarmupSteps = 0, DecayVectors = true });
        all.Step();
        Assert.Equal(1 - 3e-4f, policy.Parameters["model.norm.weight"].min().item<float>(), 1e-6f);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_dropped_and_said_so()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 3);
        using TransformerPolicy before = policy.Copy();
        using AdamW optimizer = new(policy, Options);
        using (NewDisposeScope())
            policy.Parameters["model.norm.weight"].grad = full([16], double.NaN);
        Assert.False(optimizer.Step().Applied);
        Assert.Equal(0, optimizer.Steps);
        foreach (string name in policy.Names)
            Assert.True(Same.Bits(policy.Parameters[name], before.Parameters[name]), name);
        Assert.True(Step(policy, optimizer, 0).Applied);
    }

    [Fact]
    public void Nonsense_settings_are_refused_all_at_once()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 3);
        ArgumentException e = Assert.Throws<ArgumentException>(() => new AdamW(policy, new() { LearningRate = -1, Beta1 = 1, WarmupSteps = -2 }));
        Assert.Contains("learning rate", e.Message, StringComparison.Ordinal);
        Assert.Contains("betas", e.Message, StringComparison.Ordinal);
        Assert.Contains("warm-up", e.Message, StringComparison.Ordinal);
    }

    private static OptimizerStepResult Step(TransformerPolicy policy, AdamW optimizer, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ids = (arange(24, ScalarType.Int64) * (step + 3)).remainder(40).view(2, 12);
        nn.functional.cross_entropy(policy.Logits(policy.HiddenStates(ids)).flatten(0, 1), ids.flatten()).backward();
        return optimizer.Step();
    }
}
