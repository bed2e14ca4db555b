using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Tokens;

public class KnownTextsTests
{
    [Fact]
    public void What_was_made_before_is_found_and_long_texts_are_not_kept()
    {
        var texts = new KnownTexts<int[]>();
        var longest = new string('a', KnownTexts<int[]>.LongestText);
        texts.Keep("x", [1, 2]);
        texts.Keep(longest, [3]);
        texts.Keep(longest + "a", [4]);
        Assert.Equal([1, 2], texts.Find("x")!);
        Assert.Equal([3], texts.Find(longest)!);
        Assert.Null(texts.Find(longest + "a"));
        Assert.Null(texts.Find("y"));
    }

    [Fact]
    public void It_never_holds_more_texts_than_it_may()
    {
        var texts = new KnownTexts<int[]>();
        for (var i = 0; i <= 3 * KnownTexts<int[]>.MostTexts; i++) texts.Keep($"{i}", [i]);
        var held = Enumerable.Range(0, (3 * KnownTexts<int[]>.MostTexts) + 1).Count(i => texts.Find($"{i}") is not null);
        Assert.InRange(held, 1, KnownTexts<int[]>.MostTexts);
    }

    [Fact]
    public void Ids_are_the_models_own_the_first_and_the_second_time()
    {
        var tokenizer = BpeTrainerTests.Trained;
        BpeTrainerTests.AnyText.Sample(text =>
        {
            List<int> own = [];
            ((ByteLevelModel)tokenizer.Model).Encode(text, own);
            var first = tokenizer.Encode(text);
            Assert.Equal(own, first);
            if (first.Length > 0) first[0]++; // whoever got them may change them
            Assert.Equal(own, tokenizer.Encode(text));
        }, iter: 1000);
    }
}
