using AgentRL.Torch.Models;

namespace AgentRL.Torch.Tests.Models;

public sealed class TransformerConfigFileTests
{
    private const string Qwen3 = """
        {"model_type":"qwen3","hidden_size":1024,"intermediate_size":3072,"num_hidden_layers":28,"num_attention_heads":16,
        "num_key_value_heads":8,"head_dim":128,"vocab_size":151936,"max_position_embeddings":40960,"rms_norm_eps":1e-06,"rope_theta":1000000,
        "rope_scaling":null,"attention_bias":false,"tie_word_embeddings":true,"torch_dtype":"bfloat16","bos_token_id":151643,"eos_token_id":151645,
        "hidden_act":"silu","use_sliding_window":false,"sliding_window":null}
        """;

    [Fact]
    public void A_qwen3_configuration_is_read()
    {
        TransformerConfig c = TransformerConfigFile.Parse(Qwen3);
        Assert.True(c.QueryKeyNorm);
        Assert.False(c.QueryKeyValueBias);
        Assert.Equal(128, c.HeadDim);
        Assert.Equal(1e6, c.RopeTheta);
        Assert.Equal([151645], c.EosTokenIds);
        Assert.Equal(596_049_920, c.ParameterShapes().Sum(p => p.Shape.Aggregate((a, b) => a * b)));
    }

    [Fact]
    public void Qwen2_has_biases_on_three_projections_without_saying_so()
    {
        TransformerConfig c = TransformerConfigFile.Parse(Qwen3.Replace("qwen3", "qwen2", StringComparison.Ordinal).Replace("\"attention_bias\":false,", "", StringComparison.Ordinal));
        Assert.True(c.QueryKeyValueBias);
        Assert.False(c.OutputBias);
        TransformerConfig again = TransformerConfigFile.Parse(TransformerConfigFile.Format(c));
        Assert.Equal(c with { EosTokenIds = [] }, again with { EosTokenIds = [] });
    }

    [Fact]
    public void Llama3_scaling_keeps_short_wavelengths_and_divides_long_ones()
    {
        TransformerConfig c = TransformerConfigFile.Parse(Qwen3.Replace("\"rope_scaling\":null", """
            "rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}
            """, StringComparison.Ordinal));
        Assert.Equal(new Llama3RopeScaling(8, 1, 4, 8192), TransformerConfigFile.Parse(TransformerConfigFile.Format(c)).RopeScaling);
        double[] stretched = RotaryFrequencies.Of(c), plain = RotaryFrequencies.Of(c with { RopeScaling = null });
        Assert.Equal(plain[0], stretched[0]);
        Assert.Equal(plain[^1] / 8, stretched[^1], 1e-15);
    }

    [Theory]
    [InlineData("qwen3", "gpt2", "gpt2")]
    [InlineData("\"hidden_size\":1024,", "", "hidden_size")]
    [InlineData("\"num_key_value_heads\":8", "\"num_key_value_heads\":5", "does not divide")]
    [InlineData("\"rope_scaling\":null", "\"rope_scaling\":{\"rope_type\":\"yarn\"}", "yarn")]
    [InlineData("\"silu\"", "\"gelu\"", "gelu")]
    [InlineData("bfloat16", "int8", "int8")]
    [InlineData("\"use_sliding_window\":false", "\"use_sliding_window\":true", "use_sliding_window")]
    [InlineData("1024", "\"wide\"", "'hidden_size': \"wide\" is no whole number")]
    [InlineData("1024", "1.5", "'hidden_size': 1.5 is no whole number")]
    [InlineData("\"silu\"", "[]", "'hidden_act': [] is no text")]
    [InlineData("\"silu\"", "\"\\ud800\"", "'hidden_act' is no valid Unicode")]
    [InlineData("\"use_sliding_window\":false", "\"use_sliding_window\":0", "'use_sliding_window': 0 is no truth value")]
    [InlineData("151645", "[null]", "'eos_token_id': null is no whole number")]
    [InlineData("151643", "{}", "'bos_token_id': {} is no whole number")]
    [InlineData("}", "", "not a valid")]
    [InlineData("1024", "0", "hidden_size 0")]
    public void What_is_not_supported_is_refused_by_name(string from, string to, string said)
    {
        ModelConfigException e = Assert.Throws<ModelConfigException>(() => TransformerConfigFile.Parse(Qwen3.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }
}
