using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Weights;

public sealed class PolicyFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TransformerFamily.Llama, long.MaxValue, 1)]
    [InlineData(TransformerFamily.Qwen2, 6000, 5)]
    [InlineData(TransformerFamily.Qwen3, 1, 25)]
    public void A_saved_policy_loads_again_bit_by_bit(TransformerFamily family, long shardBytes, int files)
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(family), 7);
        PolicyFolder.Save(policy, _folder.Path, shardBytes);
        Assert.Equal(files, Directory.GetFiles(_folder.Path, "*.safetensors").Length);
        using TransformerPolicy again = PolicyFolder.Load(_folder.Path);
        Assert.Equal(policy.Config with { EosTokenIds = [] }, again.Config with { EosTokenIds = [] });
        Assert.Equal(policy.Config.EosTokenIds, again.Config.EosTokenIds);
        foreach (string name in policy.Names)
            Assert.True(Same.Bits(policy.Parameters[name], again.Parameters[name]), name);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using TransformerPolicy a = TransformerPolicy.Random(Small.Config(), 7), b = TransformerPolicy.Random(Small.Config(), 7), c = TransformerPolicy.Random(Small.Config(), 8);
        string name = a.Names[0];
        Assert.True(Same.Bits(a.Parameters[name], b.Parameters[name]));
        Assert.False(Same.Bits(a.Parameters[name], c.Parameters[name]));
        Assert.Equal(0.6 / Math.Sqrt(a.Config.HiddenSize), a.Parameters[name].std().item<float>(), 0.1 * 0.6 / Math.Sqrt(a.Config.HiddenSize));
    }

    [Fact]
    public void Weights_that_do_not_fit_the_configuration_are_refused()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 7);
        PolicyFolder.Save(policy, _folder.Path);
        string config = _folder[PolicyFolder.ConfigFile];
        Assert.Equal("model.embed_tokens.weight", Fault(policy.Config with { VocabularySize = 41 }).Tensor);
        Assert.Contains("missing", Fault(policy.Config with { Layers = 3 }).Message, StringComparison.Ordinal);
        Assert.Contains("no such parameter", Fault(policy.Config with { Layers = 1 }).Message, StringComparison.Ordinal);

        SafetensorsException Fault(TransformerConfig other)
        {
            File.WriteAllText(config, TransformerConfigFile.Format(other));
            return Assert.Throws<SafetensorsException>(() => PolicyFolder.Load(_folder.Path));
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":{"a":"../x.safetensors"}}""")]
    [InlineData("""{"weight_map":{"a":"/etc/hostname"}}""")]
    [InlineData("""{"weight_map":{"a":"sub/x.safetensors"}}""")]
    [InlineData("""{"weight_map":{"a":"sub\\x.safetensors"}}""")]
    [InlineData("""{"weight_map":{"a":".."}}""")]
    [InlineData("""{"weight_map":{"a":"x\u0000.safetensors"}}""")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""")]
    [InlineData("""{"weight_map":{"a":3}}""")]
    [InlineData("""{"weight_map":{"a":"model-00002-of-00002.safetensors"}}""")]
    public void A_damaged_index_is_a_typed_error(string json)
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 7);
        PolicyFolder.Save(policy, _folder.Path, 10000);
        File.WriteAllText(_folder["model.safetensors.index.json"], json);
        Assert.Throws<SafetensorsException>(() => PolicyFolder.Load(_folder.Path));
    }

    [Fact]
    public void Live_tensors_do_not_grow_with_loading_and_failing_to_load()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 7);
        PolicyFolder.Save(policy, _folder.Path);
        PolicyFolder.Load(_folder.Path).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        PolicyFolder.Load(_folder.Path).Dispose();
        File.WriteAllText(_folder[PolicyFolder.ConfigFile], TransformerConfigFile.Format(policy.Config with { Layers = 3 }));
        Assert.Throws<SafetensorsException>(() => PolicyFolder.Load(_folder.Path));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
