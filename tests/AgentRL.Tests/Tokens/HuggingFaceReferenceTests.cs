using System.Text.Json;
using AgentRL.Testing;
using AgentRL.Tokens;

namespace AgentRL.Tests.Tokens;

/// <summary>Ids made by an independent implementation.</summary>
public class HuggingFaceReferenceTests
{
    [SharedDataFact("stories260K/hf/encode_reference.json")]
    public void A_llama_tokenizer_agrees_with_every_reference_encoding() => AgreesWith("stories260K/hf");

    [SharedDataFact("qwen3-tokenizer/encode_reference.json")]
    public void Qwen3_agrees_with_every_reference_encoding() => AgreesWith("qwen3-tokenizer");

    [SharedDataFact("qwen3-tokenizer/tokenizer.json")]
    public void Qwen3_counts_its_added_tokens_as_special()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(SharedData.PathOf("qwen3-tokenizer"));
        Assert.Equal(151_669, tokenizer.VocabularySize);
        Assert.Equal(26, tokenizer.SpecialTokens.Count);
        Assert.True(tokenizer.TryGetTokenId("<tool_call>", out int id));
        Assert.True(tokenizer.IsSpecial(id));
        Assert.False(tokenizer.IsSpecial(0));
        // The first token of 🙂 alone is not valid UTF-8.
        Assert.Equal("<|im_start|>\ufffd<|im_end|>", tokenizer.Decode([151644, 172, 151645]));
    }

    private static void AgreesWith(string folder)
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(SharedData.PathOf(folder));
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf(folder + "/encode_reference.json")));
        JsonElement cases = reference.RootElement.GetProperty("cases");
        Assert.Equal(13, cases.GetArrayLength());
        foreach (JsonElement sample in cases.EnumerateArray())
        {
            string text = sample.GetProperty("text").GetString()!;
            int[] ids = [.. sample.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(ids, tokenizer.EncodeForModel(text));
            Assert.Equal(sample.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
        }
    }
}
