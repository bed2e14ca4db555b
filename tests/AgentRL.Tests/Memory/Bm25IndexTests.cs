using AgentRL.Memory;
using CsCheck;

namespace AgentRL.Tests.Memory;

public class Bm25IndexTests
{
    private static Bm25Index Of(params IEnumerable<(string Key, string Text)> texts)
    {
        var index = new Bm25Index();
        foreach (var (key, text) in texts) index.Set(key, text);
        return index;
    }

    private static IEnumerable<string> Keys(Bm25Index index, string query) => index.Search(query).Select(h => h.Key);

    /// <summary>N = 3, mean length 2; red stands in two texts: idf ln 1.6 = 0.4700036; blue in one: ln(8/3) = 0.9808293.</summary>
    [Fact]
    public void Scores_are_those_computed_by_hand()
    {
        var index = Of(("a", "red mug"), ("b", "Red, red key"), ("c", "blue"));

        var red = index.Search("red");
        Assert.Equal(["b", "a"], red.Select(h => h.Key));
        Assert.Equal(0.5665797, red[0].Score, 6); // idf · 2·2.2 / (2 + 1.2·(0.25 + 0.75·1.5)) = idf · 4.4 / 3.65
        Assert.Equal(0.4700036, red[1].Score, 6); // idf · 2.2 / (1 + 1.2)

        var both = index.Search("blue RED mug");
        Assert.Equal(["a", "c", "b"], both.Select(h => h.Key));
        Assert.Equal(0.4700036 + 0.9808293, both[0].Score, 6); // mug is as rare as blue
        Assert.Equal(1.2330425, both[1].Score, 6); // idf · 2.2 / (1 + 1.2·(0.25 + 0.75·0.5)) = idf · 2.2 / 1.75
        Assert.Equal(0.5665797, both[2].Score, 6);
    }

    [Fact]
    public void A_term_that_every_text_holds_still_counts_for_them()
    {
        var hit = Assert.Single(Of(("a", "red")).Search("red red"));
        Assert.Equal(0.2876821, hit.Score, 6); // ln(1 + 0.5/1.5), and the query's repetition adds nothing
    }

    [Fact]
    public void Letters_and_digits_that_touch_are_found_apart_and_together()
    {
        var index = Of(("x", "in cabinet4821, open"), ("y", "cabinet 77"), ("z", "drawer4821b"));
        Assert.Equal(["x", "y"], Keys(index, "cabinet").Order());
        Assert.Equal(["x", "z"], Keys(index, "4821").Order());
        Assert.Equal("x", Keys(index, "Cabinet4821").First());
        Assert.Equal(["drawer", "4821", "b", "drawer4821b"], Bm25Index.Terms("drawer4821b"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" _-.,\n", "")]
    [InlineData("key_1", "key|1")]
    [InlineData("ÄPFEL и Груши", "äpfel|и|груши")]
    [InlineData("a\u0301b", "a\u0301b")]
    [InlineData("\ud800x", "x")]
    [InlineData("7", "7")]
    [InlineData("a1 b2", "a|1|a1|b|2|b2")]
    public void Terms_are_runs_in_lower_case(string text, string terms) => Assert.Equal(terms, string.Join('|', Bm25Index.Terms(text)));

    [Fact]
    public void Equals_come_in_the_order_in_which_they_were_added_and_a_replaced_text_keeps_its_place()
    {
        var index = Of(("z", "old words"), ("b", "key one"), ("a", "key one"));
        index.Set("z", "key one");
        Assert.Equal(["z", "b", "a"], Keys(index, "key"));
        Assert.Equal(["z", "b"], index.Search("key", 2).Select(h => h.Key));
        index.Remove("z");
        index.Set("z", "key one");
        Assert.Equal(["b", "a", "z"], Keys(index, "key"));
    }

    [Fact]
    public void What_nobody_holds_is_not_found()
    {
        Assert.Empty(new Bm25Index().Search("key"));
        var index = Of(("a", "key"), ("b", ""));
        Assert.Empty(index.Search("lock"));
        Assert.Empty(index.Search(""));
        Assert.True(index.Remove("a"));
        Assert.False(index.Remove("a"));
        Assert.Empty(index.Search("key"));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void Replacing_and_removing_leave_the_scores_of_an_index_that_never_held_the_rest()
    {
        string[] vocabulary = ["red", "blue", "key", "4821", "cabinet4821"];
        var word = Gen.Int[0, vocabulary.Length - 1].Select(i => vocabulary[i]);
        var change = Gen.Select(Gen.Char['a', 'd'].Select(c => $"{c}"), word.List[0, 6], Gen.Bool);
        change.List[0, 20].Sample(changes =>
        {
            var index = new Bm25Index();
            var kept = new List<(string Key, string Text)>();
            foreach (var (key, words, remove) in changes)
            {
                var text = string.Join(' ', words);
                var at = kept.FindIndex(k => k.Key == key);
                if (remove)
                {
                    index.Remove(key);
                    if (at >= 0) kept.RemoveAt(at);
                    continue;
                }
                index.Set(key, text);
                if (at >= 0) kept[at] = (key, text);
                else kept.Add((key, text));
            }
            Assert.Equal(Of(kept).Search("red 4821 cabinet"), index.Search("red 4821 cabinet"));
        });
    }
}
