using System.Text;
using System.Text.Json.Nodes;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Tokens;

/// <summary>A tokenizer file comes from elsewhere: every fault is reported with file and key, none crashes or passes in silence.</summary>
public class TokenizerFileFaultTests
{
    internal static readonly byte[] Good = GoodFile();

    public static TheoryData<string, string> Faults => new()
    {
        { "model missing", "model" },
        { "model.type Unigram", "model.type" },
        { "model.type WordPiece", "model.type" },
        { "vocab a list", "model.vocab" },
        { "id a string", "model.vocab.a" },
        { "id negative", "model.vocab.a" },
        { "id enormous", "model.vocab.a" },
        { "id twice", "model.vocab" },
        { "merge of unknown tokens", "model.merges[0]" },
        { "merge not a pair", "model.merges[0]" },
        { "merge repeated", "model.merges[1]" },
        { "merges a number", "model.merges" },
        { "byte missing", "model.vocab" },
        { "added token without id", "added_tokens[0].id" },
        { "added token twice", "added_tokens[1].content" },
        { "added token with another's id", "added_tokens[1]" },
        { "added token is a byte", "model.vocab" },
        { "split by an invalid expression", "pre_tokenizer.pretokenizers[0].pattern.Regex" },
        { "split removes", "pre_tokenizer.pretokenizers[0].behavior" },
        { "unknown pre-tokenizer", "pre_tokenizer.type" },
        { "no pre-tokenizer", "pre_tokenizer" },
        { "unknown normalizer", "normalizer.type" },
        { "normalizer a string", "normalizer" },
        { "wrong decoder", "decoder" },
        { "dropout", "model.dropout" },
        { "template of unknown ids", "post_processor.special_tokens.<x>.ids[0]" },
        { "top level a list", "top level" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_with_its_file_and_key(string fault, string where)
    {
        JsonNode root = JsonNode.Parse(Good)!;
        Damage(ref root, fault);
        TokenizerException e = Assert.Throws<TokenizerException>(() => Read(root.ToJsonString()));
        Assert.StartsWith(where, e.Where, StringComparison.Ordinal);
        Assert.StartsWith("some/tokenizer.json: " + where, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_reported_with_its_offset() =>
        Gen.Int[0, Good.Length - 3].Sample(length =>
        {
            TokenizerException e = Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Parse("some/tokenizer.json", Good[..length]));
            Assert.StartsWith("line ", e.Where, StringComparison.Ordinal);
        }, iter: 200);

    [Fact]
    public void A_file_with_damaged_bytes_loads_or_is_refused_but_never_crashes() =>
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Byte, Gen.Int[0, Good.Length - 1], Gen.Byte).Sample((at, value, at2, value2) =>
        {
            byte[] damaged = [.. Good];
            damaged[at] = value;
            damaged[at2] = value2;
            try
            {
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse("some/tokenizer.json", damaged);
                Assert.DoesNotContain(tokenizer.Encode("<|user|>{\"name\":\"get\"} 42 é"), tokenizer.IsSpecial);
                tokenizer.Decode([.. Enumerable.Range(0, tokenizer.VocabularySize)]);
            }
            catch (TokenizerException)
            {
                // Refused, naming the place.
            }
        }, iter: 1000);

    [Fact]
    public void A_missing_file_is_reported_by_name()
    {
        using TemporaryFolder folder = new();
        TokenizerException e = Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(Path.Combine(folder.Path, "nothing.json")));
        Assert.Contains("nothing.json", e.Message, StringComparison.Ordinal);
        Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(folder.Path));
    }

    [Fact]
    public void A_merge_that_would_spell_a_special_token_is_not_followed()
    {
        JsonNode root = JsonNode.Parse(Good)!;
        JsonObject vocabulary = root["model"]!["vocab"]!.AsObject();
        JsonArray merges = root["model"]!["merges"]!.AsArray();
        vocabulary["<z"] = 900;
        vocabulary["<z>"] = 901;
        merges.Insert(0, "< z");
        merges.Insert(1, "<z >");
        Assert.Equal([901], Read(root.ToJsonString()).Encode("<z>"));

        root["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 901, ["content"] = "<z>" });
        HuggingFaceTokenizer tokenizer = Read(root.ToJsonString());
        Assert.Equal(2, tokenizer.Encode("<z>").Length);
        Assert.Equal([901], tokenizer.EncodeTrusted("<z>"));
    }

    private static void Damage(ref JsonNode root, string fault)
    {
        JsonObject model = root["model"]!.AsObject();
        JsonObject vocabulary = model["vocab"]!.AsObject();
        JsonArray merges = model["merges"]!.AsArray();
        JsonArray added = root["added_tokens"]!.AsArray();
        JsonNode split = root["pre_tokenizer"]!["pretokenizers"]![0]!;
        switch (fault)
        {
            case "model missing": root.AsObject().Remove("model"); break;
            case "model.type Unigram": model["type"] = "Unigram"; break;
            case "model.type WordPiece": model["type"] = "WordPiece"; break;
            case "vocab a list": model["vocab"] = new JsonArray("a"); break;
            case "id a string": vocabulary["a"] = "7"; break;
            case "id negative": vocabulary["a"] = -1; break;
            case "id enormous": vocabulary["a"] = 2_000_000_000; break;
            case "id twice": vocabulary["a"] = vocabulary["b"]!.GetValue<int>(); break;
            case "merge of unknown tokens": merges[0] = "q" + " zzz"; break;
            case "merge not a pair": merges[0] = "abc"; break;
            case "merge repeated": merges[1] = merges[0]!.DeepClone(); break;
            case "merges a number": model["merges"] = 5; break;
            case "byte missing": vocabulary.Remove("ÿ"); break;
            case "added token without id": added[0]!.AsObject().Remove("id"); break;
            case "added token twice": added[1]!["content"] = added[0]!["content"]!.GetValue<string>(); break;
            case "added token with another's id": added[1]!["id"] = 0; break;
            case "added token is a byte": added.Add(new JsonObject { ["id"] = vocabulary["a"]!.GetValue<int>(), ["content"] = "a" }); break;
            case "split by an invalid expression": split["pattern"]!["Regex"] = "(["; break;
            case "split removes": split["behavior"] = "Removed"; break;
            case "unknown pre-tokenizer": root["pre_tokenizer"] = new JsonObject { ["type"] = "Whitespace" }; break;
            case "no pre-tokenizer": root["pre_tokenizer"] = null; break;
            case "unknown normalizer": root["normalizer"] = new JsonObject { ["type"] = "Lowercase" }; break;
            case "normalizer a string": root["normalizer"] = "NFC"; break;
            case "wrong decoder": root["decoder"] = new JsonObject { ["type"] = "WordPiece" }; break;
            case "dropout": model["dropout"] = 0.1; break;
            case "template of unknown ids":
                root["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<x>"}},{"Sequence":{"id":"A"}}],"special_tokens":{"<x>":{"ids":[70000]}}}""");
                break;
            case "top level a list": root = new JsonArray(); break;
            default: throw new ArgumentException(fault);
        }
    }

    private static HuggingFaceTokenizer Read(string json) => HuggingFaceTokenizer.Parse("some/tokenizer.json", Encoding.UTF8.GetBytes(json));

    private static byte[] GoodFile()
    {
        using TemporaryFolder folder = new();
        BpeTrainer.Train(BpeTrainerTests.Transcripts(5), 300).Save(folder.Path);
        return File.ReadAllBytes(Path.Combine(folder.Path, "tokenizer.json"));
    }
}
