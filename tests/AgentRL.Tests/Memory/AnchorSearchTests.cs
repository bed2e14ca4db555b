using AgentRL.Memory;
using CsCheck;

namespace AgentRL.Tests.Memory;

public class AnchorSearchTests
{
    [Theory]
    [InlineData("x START a MID b END y", "START", "MID", "END", "START a MID b END")]
    [InlineData("abc", "a", "b", "c", "abc")] // anchors may touch
    [InlineData("s m e s m e", "s", "m", "e", "s m e")] // the first of each
    [InlineData("m e s x m y e", "s", "m", "e", "s x m y e")] // mid and end before start do not count
    [InlineData("s e m e", "s", "m", "e", "s e m e")] // an end before mid does not count
    [InlineData("aaaa", "a", "a", "a", "aaa")] // one text thrice
    [InlineData("a  b\n c", "a  b", "\n", "c", null)] // a blank anchor names nothing
    public void The_span_runs_from_the_first_start_over_a_mid_to_an_end_all_inclusive(string source, string start, string mid, string end, string? span) =>
        Assert.Equal(span, AnchorSearch.Find(source, start, mid, end, out _));

    [Theory]
    [InlineData("head  of\n\ttext, then  more,\r\n and the   end!", "head of text", "then more", "the end!", "head  of\n\ttext, then  more,\r\n and the   end!")]
    [InlineData("x one\ntwo three y", "one  two", "two", "three", null)] // mid may not lie in start, collapsed or not
    [InlineData("x one\ntwo mid three  y", "  one two", "mid\n", "three", "one\ntwo mid three")] // blanks around anchors do not matter
    [InlineData("\n\n a b\u00a0c d", "a b", "c", "d", "a b\u00a0c d")]
    [InlineData("a\n𝄞  𝄞 b c", "a 𝄞", "𝄞", "b", "a\n𝄞  𝄞 b")]
    public void What_is_found_only_with_white_space_collapsed_maps_back_to_the_verbatim_span(string source, string start, string mid, string end, string? span) =>
        Assert.Equal(span, AnchorSearch.Find(source, start, mid, end, out _));

    [Fact]
    public void A_verbatim_span_goes_before_an_earlier_one_with_other_white_space() =>
        Assert.Equal("a b m e", AnchorSearch.Find("a  b m e; a b m e", "a b", "m", "e", out _));

    [Theory]
    [InlineData("", "a", "b", "c", "start")]
    [InlineData("b c", "a", "b", "c", "start")]
    [InlineData("a c", "a", "b", "c", "mid")]
    [InlineData("b a c", "a", "b", "c", "mid")] // mid before start
    [InlineData("a b", "a", "b", "c", "end")]
    [InlineData("c a b", "a", "b", "c", "end")]
    [InlineData("abcd", "abc", "bc", "d", "mid")] // anchors may not overlap
    [InlineData("abcd", "ab", "cd", "d", "end")]
    [InlineData("one\n two b", "one two", "b", "c", "end")] // start and mid are there, with other white space
    [InlineData("A b c", "a", "b", "c", "start")] // case counts
    [InlineData("a b c", "", "b", "c", "start")]
    [InlineData("a b c", "a", " ", "c", "mid")]
    [InlineData("abc", "a", "b", "\n", "end")]
    [InlineData("", " ", " ", " ", "start")]
    public void What_is_not_there_is_named_by_its_anchor(string source, string start, string mid, string end, string missing)
    {
        Assert.Null(AnchorSearch.Find(source, start, mid, end, out var named));
        Assert.Equal(missing, named);
    }

    [Fact]
    public void Three_pieces_of_any_text_find_a_verbatim_span_that_begins_and_ends_with_them() =>
        Gen.Select(Gen.Char["ab \n\té"].Array[3, 40], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((letters, a, b, c, d) =>
        {
            var source = new string(letters);
            int[] cuts = [.. new[] { a, b, c, d }.Select(x => x % (source.Length + 1)).Order()];
            var (start, mid, end) = (source[cuts[0]..cuts[1]], source[cuts[1]..cuts[2]], source[cuts[2]..cuts[3]]);
            if (new[] { start, mid, end }.Any(string.IsNullOrWhiteSpace)) return;
            var span = AnchorSearch.Find(source, start, mid, end, out var missing);
            Assert.Null(missing);
            Assert.Contains(span!, source, StringComparison.Ordinal);
            Assert.StartsWith(start, span, StringComparison.Ordinal);
            Assert.EndsWith(end, span, StringComparison.Ordinal);
            Assert.Contains(mid, span![start.Length..^end.Length], StringComparison.Ordinal);
        });

    [Fact]
    public void Collapsing_is_what_a_search_through_all_positions_finds() =>
        Gen.Select(Gen.Char["ab \n"].Array[0, 14], Gen.Char["ab \n"].Array[1, 3], Gen.Char["ab "].Array[1, 2], Gen.Char["ab\n"].Array[1, 2]).Sample((letters, s, m, e) =>
        {
            var (source, start, mid, end) = (new string(letters), new string(s), new string(m), new string(e));
            if (new[] { start, mid, end }.Any(string.IsNullOrWhiteSpace)) return;
            var found = AnchorSearch.Find(source, start, mid, end, out _);
            var exact = Slowly(source, start, mid, end);
            if (exact is not null) Assert.Equal(exact, found);
            else Assert.Equal(Slowly(Plain(source), Plain(start), Plain(mid), Plain(end)), found is null ? null : Plain(found));
        }, iter: 3000);

    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string? Slowly(string source, string start, string mid, string end)
    {
        for (var i = 0; i < source.Length; i++)
        {
            if (!source[i..].StartsWith(start, StringComparison.Ordinal)) continue;
            for (var j = i + start.Length; j < source.Length; j++)
            {
                if (!source[j..].StartsWith(mid, StringComparison.Ordinal)) continue;
                for (var k = j + mid.Length; k < source.Length; k++)
                {
                    if (source[k..].StartsWith(end, StringComparison.Ordinal)) return source[i..(k + end.Length)];
                }
            }
        }
        return null;
    }
}
