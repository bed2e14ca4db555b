using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Tokens;

public class BpeTrainerTests
{
    private static readonly string[] Fragments =
        ["<|user|>", "<tool_call>", "<|im_end|>", "</s>", "{\"name\":", " 42", "\r\n", "  ", "é", "e\u0301", "日本", "🙂", "𝟘𝐀"];

    /// <summary>Any valid string: code points of all planes, no lone surrogates.</summary>
    internal static readonly Gen<string> AnyText = Gen.OneOf(
            Gen.Char['\u0000', '\u007f'].Select(c => c.ToString()),
            Gen.Int[0x80, 0x10ffff].Where(Rune.IsValid).Select(char.ConvertFromUtf32),
            Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]))
        .Array[0, 40].Select(string.Concat);

    internal static readonly HuggingFaceTokenizer Trained = BpeTrainer.Train(Transcripts(200), 600);

    internal static IEnumerable<string> Transcripts(int count) => Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture,
        $$$"""<|system|>Call tools. get(i) put(k,v)<|user|>Sum the values of {{{i % 7}}} and {{{i * 31 % 97}}}.<|assistant|>I look.<tool_call>{"name":"get","arguments":{"i":{{{i}}}}}</tool_call><|end|><|tool|>value {{{i * 17 % 101}}}<|assistant|><summary>seen {{{i}}}: {{{i * 3}}}</summary><|end|>"""));

    [Fact]
    public void Decoding_what_was_encoded_gives_the_text_back() =>
        AnyText.Sample(text => Trained.Decode(Trained.Encode(text)) == text && Trained.Decode(Trained.EncodeTrusted(text)) == text, iter: 2000);

    [Fact]
    public void Untrusted_text_never_becomes_a_special_id() =>
        AnyText.Sample(text => !Trained.Encode(text).Any(Trained.IsSpecial), iter: 2000);

    [Fact]
    public void Every_digit_is_one_token_of_its_own() =>
        Gen.Select(AnyText, Gen.Long).Sample((text, number) =>
        {
            string digits = number.ToString(CultureInfo.InvariantCulture).TrimStart('-');
            int[] ids = Trained.Encode(text + "x" + digits);
            Assert.Equal(digits.Select(d => Trained.Encode(d.ToString()).Single()), ids[^digits.Length..]);
            Assert.All(ids, id => Assert.True(Trained.Decode([id]) is { Length: 1 } || !Trained.Decode([id]).Any(char.IsAsciiDigit)));
        }, iter: 500);

    [Fact]
    public void Training_twice_gives_the_same_file_whatever_the_order_of_transcripts()
    {
        string[] transcripts = [.. Transcripts(60), .. Transcripts(20)];
        byte[] first = SavedJson(BpeTrainer.Train(transcripts, 500));
        Assert.Equal(first, SavedJson(BpeTrainer.Train(transcripts, 500)));
        Gen.Shuffle(transcripts).Sample(shuffled => SavedJson(BpeTrainer.Train(shuffled, 500)).AsSpan().SequenceEqual(first), iter: 10);
    }

    [Fact]
    public void Saving_and_loading_keeps_every_id()
    {
        using TemporaryFolder folder = new();
        Trained.Save(folder.Path);
        HuggingFaceTokenizer loaded = HuggingFaceTokenizer.Load(folder.Path);
        Assert.Equal(Trained.Fingerprint, loaded.Fingerprint);
        Assert.Equal(Trained.VocabularySize, loaded.VocabularySize);
        AnyText.Sample(text => loaded.Encode(text).SequenceEqual(Trained.Encode(text)), iter: 500);
    }

    [Fact]
    public void Frequent_json_becomes_one_token_and_special_tokens_come_first()
    {
        Assert.Equal(Enumerable.Range(0, 10), Trained.EncodeTrusted(string.Concat(SmallVocabulary.SpecialTokens)));
        Assert.Single(Trained.Encode("{\"name\":\"get\",\"arguments\":{\"i\":"));
        Assert.Equal("A", Trained.Decode([10 + 'A']));
    }

    [Fact]
    public void Training_stops_early_when_no_pair_repeats()
    {
        HuggingFaceTokenizer tokenizer = BpeTrainer.Train(["abab", "cd"], 1000);
        // ab, then nothing else occurs twice.
        Assert.Equal(10 + 256 + 1, tokenizer.VocabularySize);
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train(["a"], 265));
        Assert.Equal(266, BpeTrainer.Train([], 512).VocabularySize);
    }

    [Fact]
    public void A_merge_happens_in_order_of_frequency_with_ties_to_the_smaller_ids()
    {
        // ab occurs three times; then five pairs tie at two, and the one whose left id is smallest starts with the space.
        HuggingFaceTokenizer tokenizer = BpeTrainer.Train(["ab ab ab", "zbc zbc", "ycd ycd"], 10 + 256 + 2);
        Assert.Equal(["ab", " ab"], [tokenizer.Decode([266]), tokenizer.Decode([267])]);
    }

    [Fact]
    public void A_few_megabytes_train_in_seconds()
    {
        string[] transcripts = [.. Transcripts(12_000)];
        Stopwatch watch = Stopwatch.StartNew();
        BpeTrainer.Train(transcripts, 1024);
        // About 2.5 MB; a generous bound that still catches quadratic behaviour on a busy machine.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{transcripts.Sum(t => t.Length)} characters took {watch.Elapsed}");
    }

    private static byte[] SavedJson(HuggingFaceTokenizer tokenizer)
    {
        using TemporaryFolder folder = new();
        tokenizer.Save(folder.Path);
        return File.ReadAllBytes(Path.Combine(folder.Path, "tokenizer.json"));
    }
}
