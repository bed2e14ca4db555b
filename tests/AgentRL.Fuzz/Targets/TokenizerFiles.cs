using System.Text;
using System.Text.Json.Nodes;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;
using AgentRL.Tokens;

namespace AgentRL.Fuzz.Targets;

/// <summary>Files named <c>tokenizer.json</c>, byte-level and with byte fallback; what is accepted must encode and decode, and plain text never to special ids.</summary>
internal sealed class TokenizerFiles : FuzzTarget
{
    private const string File = "some/tokenizer.json";

    /// <summary>The long runs make expressions that try again and again take for ever.</summary>
    private static readonly string[] Texts =
    [
        "", "<|user|>{\"name\":\"get\"} 42 é", "the the \U0001D400\uD800 ▁▁ x\u0301", new string('a', 40) + "!", new string(' ', 40) + "x", new string('7', 40) + "a", "aA1 \n\t" + new string('"', 30),
    ];

    private readonly JsonTree[] files;
    private readonly byte[][] plain;

    public TokenizerFiles()
    {
        string[] seeds = [ByteLevel(), WithAllSections(), WithFallback()];
        files = [.. seeds.Select(s => new JsonTree(s))];
        plain = [.. seeds.Select(s => Encoding.UTF8.GetBytes(s))];
    }

    public override string Name => "tokenizers";

    public override byte[] Make(RandomSequence random)
    {
        if (random.NextBool(0.3)) return ByteMutator.Mutate(random.Pick(plain), random.Pick(plain), random);
        var bytes = Encoding.UTF8.GetBytes(random.Pick(files).Mutate(random));
        return random.NextBool(0.1) ? ByteMutator.Mutate(bytes, random.Pick(plain), random) : bytes;
    }

    public override string? Read(byte[] input, string folder)
    {
        try
        {
            var tokenizer = HuggingFaceTokenizer.Parse(File, input);
            foreach (var text in Texts)
            {
                BrokenPromiseException.Require(!tokenizer.Encode(text).Any(tokenizer.IsSpecial), "plain text has become a special id");
                tokenizer.Decode(tokenizer.EncodeForModel(text));
            }
            tokenizer.Decode([.. Enumerable.Range(0, tokenizer.VocabularySize)]);
            return null;
        }
        catch (TokenizerException e)
        {
            BrokenPromiseException.Require(e.Message.StartsWith($"{File}: {e.Where}: ", StringComparison.Ordinal) && e.Where.Length > 0, $"no place: {e.Message}");
            return e.Message;
        }
    }

    public override bool NamesPlace(string refusal) => refusal.StartsWith(File, StringComparison.Ordinal);

    public override long Budget(byte[] input) => 4_000_000 + 300L * input.Length;

    private static string ByteLevel() => Json(BpeTrainer.Train(["the theme there then {\"name\":\"get\"} {\"name\":\"get\"} 42 42"], 290));

    private static string WithAllSections()
    {
        var json = JsonNode.Parse(ByteLevel())!;
        json["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"String":"``"},"content":"\""},{"type":"Prepend","prepend":"x"}]}""");
        json["pre_tokenizer"] = JsonNode.Parse("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"Split","pattern":{"String":"get"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}""");
        json["post_processor"] = JsonNode.Parse("""{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"<s>"}}],"special_tokens":{"<s>":{"id":"<s>","ids":[0,5]}}}]}""");
        json["model"]!["ignore_merges"] = true;
        json["model"]!["merges"] = new JsonArray([.. json["model"]!["merges"]!.AsArray().Select(m => (JsonNode)new JsonArray([.. m!.GetValue<string>().Split(' ').Select(p => (JsonNode)p)]))]);
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":300,"content":"<mask>","lstrip":true,"rstrip":true,"single_word":false}"""));
        return json.ToJsonString();
    }

    private static string WithFallback()
    {
        var vocabulary = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1 };
        for (var value = 0; value < 256; value++) vocabulary[$"<0x{value:X2}>"] = 2 + value;
        foreach (var token in (string[])["▁", "t", "h", "e", "a", "th", "the", "▁the", "é"]) vocabulary[token] = vocabulary.Count;
        return new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse("""[{"id":0,"content":"<unk>"},{"id":1,"content":"<s>"}]"""),
            ["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""),
            ["pre_tokenizer"] = null,
            ["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}}],"special_tokens":{"<s>":{"ids":[1]}}}"""),
            ["decoder"] = JsonNode.Parse("""{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["byte_fallback"] = true, ["vocab"] = vocabulary, ["merges"] = new JsonArray("t h", "th e", "▁ the") },
        }.ToJsonString();
    }

    private static string Json(HuggingFaceTokenizer tokenizer)
    {
        var folder = Directory.CreateTempSubdirectory("agentrl-fuzz-").FullName;
        try
        {
            tokenizer.Save(folder);
            return System.IO.File.ReadAllText(Path.Combine(folder, "tokenizer.json"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
