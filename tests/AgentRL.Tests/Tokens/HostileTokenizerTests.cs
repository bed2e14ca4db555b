using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentRL.Tokens;

namespace AgentRL.Tests.Tokens;

/// <summary>Tokenizer files that ask for more memory or time than they are worth.</summary>
public class HostileTokenizerTests
{
    private const string TriesForEver = "(?:a+b?)+$";

    [Theory]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    [InlineData(-1)]
    public void An_id_out_of_proportion_to_the_vocabulary_is_refused(int id) => Refused(root => root["model"]!["vocab"]!["a"] = id, "model.vocab.a", "out of range");

    [Fact]
    public void An_id_behind_a_gap_is_read() => Assert.Equal(1501, Read(Good(root => root["model"]!["vocab"]!["gap"] = 1500)).VocabularySize);

    [Theory]
    [InlineData("""[{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaa"},{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaa"}]""", "normalizer.normalizers[1]")]
    [InlineData("""[{"type":"NFKC"},{"type":"Replace","pattern":{"String":"a"},"content":"aaaa"}]""", "normalizer.normalizers[1]")]
    public void Steps_that_together_multiply_a_text_are_refused(string steps, string where) =>
        Refused(root => root["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = JsonNode.Parse(steps) }, where, "times as long");

    [Theory]
    [InlineData("normalizer", "normalizers", """{"type":"Prepend","prepend":"x"}""")]
    [InlineData("pre_tokenizer", "pretokenizers", """{"type":"Split","pattern":{"Regex":"x"},"behavior":"Isolated","invert":false}""")]
    [InlineData("decoder", "decoders", """{"type":"Fuse"}""")]
    public void Thousands_of_steps_are_refused(string section, string list, string step) => Refused(
        root => root[section] = new JsonObject { ["type"] = "Sequence", [list] = new JsonArray([.. Enumerable.Range(0, 2000).Select(_ => JsonNode.Parse(step))]) }, $"{section}.{list}", "more than 64 steps");

    [Fact]
    public void A_template_that_puts_thousands_of_ids_around_a_text_is_refused() => Refused(
        root => root["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray([.. Enumerable.Range(0, 50).Select(_ => JsonNode.Parse("""{"SpecialToken":{"id":"x"}}""")), JsonNode.Parse("""{"Sequence":{"id":"A"}}""")]),
            ["special_tokens"] = new JsonObject { ["x"] = new JsonObject { ["ids"] = new JsonArray([.. Enumerable.Range(0, 50).Select(i => (JsonNode)i)]) } },
        },
        "post_processor.single[20]",
        "more than 1024 ids");

    [Fact]
    public void A_key_that_is_no_Unicode_is_refused_with_its_place()
    {
        string json = Encoding.UTF8.GetString(Good(_ => { })).Replace("\"decoder\"", "\"\\ud800decoder\"", StringComparison.Ordinal);
        TokenizerException e = Assert.Throws<TokenizerException>(() => Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal("top level", e.Where);
    }

    [Fact]
    public void An_expression_that_tries_for_ever_is_given_up() =>
        Assert.Throws<RegexMatchTimeoutException>(() => new PreSplitter([TriesForEver], TimeSpan.FromMilliseconds(20)).Split(new string('a', 60) + "!"));

    [Fact]
    [Trait("Category", "Slow")]
    public void An_expression_that_is_given_up_is_named_with_its_file()
    {
        HuggingFaceTokenizer tokenizer = Read(Good(root => root["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = TriesForEver));
        Assert.NotEmpty(tokenizer.Encode("short"));
        TokenizerException e = Assert.Throws<TokenizerException>(() => tokenizer.Encode(new string('a', 60) + "!"));
        Assert.StartsWith($"some/tokenizer.json: pre_tokenizer: the expression {TriesForEver} needs more than", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Templates are this project's own code, chosen by special tokens: one that comes with a model is not even read.</summary>
    [Fact]
    public void A_chat_template_that_comes_with_a_model_is_not_carried_out()
    {
        using TemporaryFolder folder = new();
        HuggingFaceTokenizer trained = BpeTrainer.Train([], 300);
        trained.Save(folder.Path);
        const string template = """{"chat_template":"{{ ''.__class__.__mro__[1].__subclasses__() }}{{ raise_exception('run') }}","eos_token":"<|end|>"}""";
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), template);
        IChatTemplate chosen = ChatTemplates.For(HuggingFaceTokenizer.Load(folder.Path));
        Assert.IsType<SmallChatTemplate>(chosen);
        Assert.Equal(ChatTemplates.For(trained).Observation("{{ x }}"), chosen.Observation("{{ x }}"));
    }

    private static void Refused(Action<JsonNode> damage, string where, string fault)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        TokenizerException e = Assert.Throws<TokenizerException>(() => Read(Good(damage)));
        Assert.Equal(where, e.Where);
        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
    }

    private static byte[] Good(Action<JsonNode> damage)
    {
        JsonNode root = JsonNode.Parse(TokenizerFileFaultTests.Good)!;
        damage(root);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static HuggingFaceTokenizer Read(byte[] json) => HuggingFaceTokenizer.Parse("some/tokenizer.json", json);
}
