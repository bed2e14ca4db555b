using System.Text.RegularExpressions;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Tokens;

/// <summary>What merges may not cross: names with random ids or numbers read the same wherever they stand.</summary>
public class SmallVocabularyTests
{
    private static readonly Gen<string> AnyName = Gen.Select(
        OneOf("egg", "mug", "cabinet", "sidetable"),
        Gen.OneOf(Gen.Int[0, 999].Select(n => $"{n}"), Gen.Select(OneOf('A', 'K', 'Q', 'Z'), Gen.Int[0, 9]).Array[2, 4].Select(id => string.Concat(id.Select(p => $"{p.Item1}{p.Item2}")))),
        (type, id) => type + id);

    [Theory]
    [InlineData("eggK7Q2", "egg|K7|Q2")]
    [InlineData("eggK7Q", "egg|K7|Q")] // ids of three signs
    [InlineData("eggK7Q2R", "egg|K7|Q2|R")]
    [InlineData("egg1", "egg|1")]
    [InlineData("""{"place":"eggK7Q2"}}""", """{"place":"|egg|K7|Q2|"}}""")]
    [InlineData("""{"place":"egg12"}}""", """{"place":"|egg|1|2|"}}""")]
    [InlineData("""{"name":"go_to","arguments":{"place":"cabinetK7Q2"}}""", """{"name":"go_to","arguments":{"place":"|cabinet|K7|Q2|"}}""")]
    [InlineData("""{"name":"move","arguments":{"object":"eggK7Q2","place":"mugR3S4"}}""", """{"name":"move","arguments":{"object":"|egg|K7|Q2|","place":"|mug|R3|S4|"}}""")]
    [InlineData("have=eggK7", "have=|egg|K7")]
    [InlineData("at=eggK7Q2 have=-", "at=|egg|K7|Q2| have=-")]
    [InlineData("at=eggK7Q2 have=mugR3S4 n=1", "at=|egg|K7|Q2| have=|mug|R3|S4| n=|1")]
    [InlineData("todo=eggK7Q2,mugR3S4", "todo=|egg|K7|Q2|,|mug|R3|S4")]
    [InlineData("eggK7Q2mugR3S4eggA0B1", "egg|K7|Q2|mug|R3|S4|egg|A0|B1")]
    [InlineData("eggK7QmugR3SeggA0B", "egg|K7|Q|mug|R3|S|egg|A0|B")]
    [InlineData("cabinet1cabinet2drawer10", "cabinet|1|cabinet|2|drawer|1|0")]
    [InlineData("go_to(eggK7Q2) take(mug1,eggK7Q2)", "go_to(|egg|K7|Q2|)| take(|mug|1|,|egg|K7|Q2|)")]
    [InlineData("heat\neggK7Q2\ncounter", "heat|\n|egg|K7|Q2|\n|counter")]
    [InlineData("heat\negg\ncounter", "heat|\n|egg|\n|counter")]
    public void A_name_is_the_same_pieces_wherever_it_stands(string text, string pieces) => Assert.Equal(pieces.Split('|'), Pieces(text));

    /// <summary>Where no word stands right before an id or a number, all up to the digit is one piece.</summary>
    [Theory]
    [InlineData("""{"name":"get","arguments":{"i":""")]
    [InlineData("""{"name":"look","arguments":{}}""")]
    [InlineData("""{"name":"go_to","arguments":{"place":"egg""")]
    [InlineData("""{"name":"go_to","arguments":{"place":"eggK""", "K")] // a capital alone is no id
    [InlineData("""{"name":"get","arguments":{"i":7}}""", "7", "}}")]
    [InlineData("""{"name":"get","arguments":{"i":-12}}""", "1", "2", "}}")]
    public void What_is_before_anything_else_stays_one_piece(string text, params string[] rest)
    {
        string[] pieces = Pieces(text);
        Assert.Equal(rest, pieces[1..]);
        Assert.Equal(text, string.Concat(pieces));
    }

    [Fact]
    public void A_list_is_the_pieces_of_its_names_and_each_begins_with_its_type() => Gen.Select(AnyName.Array[1, 12], OneOf("", "at=", "{\"place\":\"", "(", ",", "\n")).Sample((names, before) =>
    {
        Assert.Equal(names.SelectMany(Pieces), Pieces(string.Concat(names)));
        Assert.All(names, n => Assert.Equal(n.TrimEnd([.. "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"]), Pieces(n)[0]));
        string[] head = before.Length == 0 ? [] : [before];
        Assert.Equal([.. head, .. names.SelectMany(Pieces)], Pieces(before + string.Concat(names)));
        Assert.Equal(names.SelectMany(n => head.Concat(Pieces(n))), Pieces(string.Concat(names.Select(n => before + n))));
    }, iter: 500);

    [Fact]
    public void Pieces_leave_nothing_out() => Gen.OneOf(Gen.String, OneOf([.. "aZ7 =\n{\"é٣Ǆ_"]).Array[0, 20].Select(c => new string(c))).Sample(text =>
        Assert.Equal(text, string.Concat(Pieces(text))), iter: 2000);

    [Fact]
    public void A_trained_vocabulary_keeps_to_the_pieces()
    {
        const string prefix = "{\"name\":\"take\",\"arguments\":{\"object\":\"";
        string[] texts = [$"<tool_call>{prefix}eggK7Q2\"}}}}</tool_call>", "at=eggK7Q2 have=-", "mugR3S4eggK7Q2potA0B1", "mug1egg12pot3", "heat\negg\ncounter"];
        HuggingFaceTokenizer trained = BpeTrainer.Train(Enumerable.Repeat(texts, 50).SelectMany(t => t), 512);
        int egg = trained.Encode("egg").Single();
        Assert.All(texts, text => Assert.Single(trained.Encode(text), id => id == egg));
        int[] name = trained.Encode("eggK7Q2");
        Assert.Equal(3, name.Length);
        Assert.All(texts[..3], text => Assert.Contains(string.Join(',', name), string.Join(',', trained.Encode(text))));
        Assert.Single(trained.Encode(prefix));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(k => values[k]);

    private static string[] Pieces(string text) => [.. Regex.Matches(text, SmallVocabulary.Split).Select(m => m.Value)];
}
