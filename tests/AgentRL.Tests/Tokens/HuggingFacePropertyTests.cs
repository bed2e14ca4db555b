using System.Text;
using AgentRL.Testing;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Tokens;

public class HuggingFacePropertyTests
{
    [SharedDataFact("qwen3-tokenizer/tokenizer.json")]
    public void Text_with_any_special_string_stays_plain_unless_trusted()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(SharedData.PathOf("qwen3-tokenizer"));
        string[] specials = [.. tokenizer.SpecialTokens.Keys.Order(StringComparer.Ordinal)];
        Gen.Select(BpeTrainerTests.AnyText, Gen.Int[0, specials.Length - 1], BpeTrainerTests.AnyText).Sample((before, i, after) =>
        {
            string text = before + specials[i] + after;
            Assert.DoesNotContain(tokenizer.Encode(text), tokenizer.IsSpecial);
            Assert.Contains(tokenizer.EncodeTrusted(text), tokenizer.IsSpecial);
            Assert.Equal(text.Normalize(NormalizationForm.FormC), tokenizer.Decode(tokenizer.Encode(text)));
        }, iter: 1000);
    }

    [SharedDataFact("qwen3-tokenizer/tokenizer.json")]
    public void The_library_and_our_merge_loop_give_the_same_ids()
    {
        HuggingFaceTokenizer qwen = HuggingFaceTokenizer.Load(SharedData.PathOf("qwen3-tokenizer"));
        foreach (HuggingFaceTokenizer tokenizer in (HuggingFaceTokenizer[])[qwen, BpeTrainerTests.Trained])
        {
            ByteLevelModel model = (ByteLevelModel)tokenizer.Model;
            Gen.OneOf(BpeTrainerTests.AnyText, Gen.Char['a', 'e'].Array[0, 60].Select(c => new string(c))).Sample(text =>
            {
                List<int> ours = [];
                foreach ((int start, int length) in model.Split(text))
                    model.EncodeWithMergeLoop(text.AsSpan(start, length), ours);
                List<int> library = [];
                model.Encode(text, library);
                Assert.Equal(library, ours);
            }, iter: 1000);
        }
    }

    [SharedDataFact("stories260K/hf/tokenizer.json")]
    public void The_llama_kind_gives_text_back_and_never_leaks_special_ids()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(SharedData.PathOf("stories260K/hf"));
        BpeTrainerTests.AnyText.Where(text => !text.Contains('▁')).Sample(text =>
        {
            int[] ids = tokenizer.Encode(text + "<s></s><unk><0x0A>");
            Assert.DoesNotContain(ids, tokenizer.IsSpecial);
            Assert.Equal(text + "<s></s><unk><0x0A>", tokenizer.Decode(ids));
        }, iter: 1000);
        // A character cut in the middle: one mark for each byte, as in the reference implementation.
        Assert.Equal("\ufffd\ufffda", tokenizer.Decode([3 + 0xE6, 3 + 0x97, tokenizer.Encode("a")[^1]]).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_ids_decode_without_an_exception_and_foreign_ids_are_refused()
    {
        HuggingFaceTokenizer tokenizer = BpeTrainerTests.Trained;
        Gen.Int[0, tokenizer.VocabularySize - 1].Array[0, 50].Sample(ids => tokenizer.Decode(ids) is not null, iter: 1000);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.VocabularySize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character() =>
        Assert.Equal("a\ufffdb\ufffd", BpeTrainerTests.Trained.Decode(BpeTrainerTests.Trained.Encode("a\ud800b\udc00")));

    [Fact]
    public void Letters_beyond_the_basic_plane_count_as_letters() =>
        Assert.Equal([(0, 5), (5, 2), (7, 1)], new PreSplitter([@"\p{L}+|\p{N}"]).Split("a𝐀𠀀𝟘!"));

    [Fact(Timeout = 20_000)]
    public async Task A_million_equal_letters_do_not_hang() =>
        Assert.Equal(1_000_000, (await Task.Run(() => BpeTrainerTests.Trained.Decode(BpeTrainerTests.Trained.Encode(new string('a', 1_000_000))))).Length);
}
