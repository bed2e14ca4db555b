using AgentRL.Memory;
using CsCheck;

namespace AgentRL.Tests.Memory;

public class IndexNameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("Z9_-", true)]
    [InlineData("-", true)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("a.b", false)]
    [InlineData("a,b", false)]
    [InlineData("é", false)]
    [InlineData("٣", false)] // a digit, but not of ASCII
    [InlineData("𝄞", false)]
    [InlineData("<|end|>", false)]
    public void An_index_is_letters_digits_underscores_and_hyphens(string text, bool valid) => Assert.Equal(valid, IndexName.IsValid(text));

    [Fact]
    public void An_index_has_1_to_64_characters() =>
        Assert.Equal([false, true, true, false], new[] { 0, 1, 64, 65 }.Select(n => IndexName.IsValid(new string('x', n))));

    [Fact]
    public void Any_text_is_shown_short_and_without_control_characters_or_half_pairs() => Gen.String[0, 200].Sample(text =>
    {
        var shown = IndexName.Show(text);
        Assert.True(shown.Length <= IndexName.Longest + 3);
        Assert.DoesNotContain(shown, c => char.IsControl(c) || char.IsSurrogate(c));
        Assert.Equal(text.Length > IndexName.Longest, shown.EndsWith("…'", StringComparison.Ordinal) && text.Length > IndexName.Longest);
    });
}
