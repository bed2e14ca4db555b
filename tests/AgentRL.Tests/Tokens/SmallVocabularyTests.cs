using System.Text.RegularExpressions;
using AgentRL.Tokens;

namespace AgentRL.Tests.Tokens;

/// <summary>What merges may not cross: names with random ids read the same wherever they stand.</summary>
public class SmallVocabularyTests
{
    [Theory]
    [InlineData("K7eggQ2", "K7|egg|Q2")]
    [InlineData("K7eggQ", "K7|egg|Q")] // ids of three signs
    [InlineData("K7eggQ2R", "K7|egg|Q2|R")]
    [InlineData("""{"place":"K7eggQ2"}}""", """{"place":"|K7|egg|Q2|"}}""")]
    [InlineData("at=K7eggQ2 have=-", "at=|K7|egg|Q2| have=-")]
    [InlineData("todo=K7eggQ2,R3mugS4", "todo=|K7|egg|Q2|,|R3|mug|S4")]
    [InlineData("K7eggQ2R3mugS4A0eggB1", "K7|egg|Q2|R3|mug|S4|A0|egg|B1")]
    [InlineData("K7eggQR3mugSA0eggB", "K7|egg|Q|R3|mug|S|A0|egg|B")]
    [InlineData("heat\negg\ncounter", "heat|\n|egg|\n|counter")]
    public void A_name_is_the_same_pieces_wherever_it_stands(string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), Regex.Matches(text, SmallVocabulary.Split).Select(m => m.Value));

    [Fact]
    public void A_trained_vocabulary_keeps_to_the_pieces()
    {
        string[] texts = ["""<tool_call>{"name":"take","arguments":{"object":"K7eggQ2"}}</tool_call>""", "at=K7eggQ2 have=-", "R3mugS4K7eggQ2A0potB1", "heat\negg\ncounter"];
        HuggingFaceTokenizer trained = BpeTrainer.Train(Enumerable.Repeat(texts, 50).SelectMany(t => t), 512);
        int egg = trained.Encode("egg").Single();
        Assert.All(texts, text => Assert.Single(trained.Encode(text), id => id == egg));
        int[] name = trained.Encode("K7eggQ2");
        Assert.Equal(3, name.Length);
        Assert.All(texts[..3], text => Assert.Contains(string.Join(',', name), string.Join(',', trained.Encode(text))));
    }
}
