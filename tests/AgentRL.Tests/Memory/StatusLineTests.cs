using System.Globalization;
using System.Text.RegularExpressions;
using AgentRL.Memory;
using AgentRL.Tests.Fakes;
using AgentRL.Tests.Tokens;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Memory;

public partial class StatusLineTests
{
    private static readonly IReadOnlyList<IChatTemplate> Templates =
    [
        new ToyTemplate(),
        new SmallChatTemplate(BpeTrainerTests.Trained),
        // Markup on both sides of the text, as Qwen's.
        new Qwen3ChatTemplate(new ToyTokenizer("<|im_start|>", "<|im_end|>", "<tool_response>", "</tool_response>")),
    ];

    [Theory] // τ = 1000
    [InlineData(799, "")]
    [InlineData(800, " Warning: close to the threshold.")]
    [InlineData(999, " Warning: close to the threshold.")]
    [InlineData(1000, " Above the threshold: compress now with compress_experience.")]
    [InlineData(5000, " Above the threshold: compress now with compress_experience.")]
    public void The_verbose_line_states_all_and_warns_at_80_percent_and_advises_at_the_threshold(int total, string advice) =>
        Assert.Equal(
            $"[context: 7 working tokens, {total} in all, threshold 1000. Known indices: a, b.{advice}]",
            new StatusLine(new MemoryOptions(), 1000).Render(7, total, ["a", "b"]));

    [Theory]
    [InlineData(799, "")]
    [InlineData(800, " !")]
    [InlineData(999, " !")]
    [InlineData(1000, " !!")]
    public void The_compact_line_does_so_in_signs(int total, string mark) =>
        Assert.Equal($"7 {total}/1000 a,b{mark}", new StatusLine(new MemoryOptions { Status = StatusStyle.Compact }, 1000).Render(7, total, ["a", "b"]));

    [Fact] // 0.55 × 100 is 55, not 55.00000000000001
    public void Floating_point_never_moves_the_warning()
    {
        for (var percent = 10; percent <= 100; percent++)
        {
            var line = new StatusLine(new MemoryOptions { Status = StatusStyle.Compact, WarnAt = percent / 100.0 }, 100);
            Assert.EndsWith("-", line.Render(0, percent - 1, []), StringComparison.Ordinal);
            Assert.EndsWith("!", line.Render(0, percent, []), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_counts_decides_what_is_warned_of()
    {
        var working = new MemoryOptions { Status = StatusStyle.Compact, StatusCounts = StatusCounts.Working };
        Assert.Equal("79 5000/100 -", new StatusLine(working, 100).Render(79, 5000, []));
        Assert.Equal("80 5000/100 - !", new StatusLine(working, 100).Render(80, 5000, []));
        Assert.Equal("100 5000/100 - !!", new StatusLine(working, 100).Render(100, 5000, []));
    }

    [Fact]
    public void Of_more_than_32_indices_the_newest_are_shown_and_the_others_counted()
    {
        string[] indices = [.. Enumerable.Range(0, 40).Select(i => $"i{i}")];
        Assert.Equal($"1 2/9 {string.Join(',', indices[..32])}", new StatusLine(new MemoryOptions { Status = StatusStyle.Compact }, 9).Render(1, 2, indices[..32]));
        Assert.Equal($"1 2/9 +8,{string.Join(',', indices[8..])}", new StatusLine(new MemoryOptions { Status = StatusStyle.Compact }, 9).Render(1, 2, indices));
        Assert.Equal(
            $"[context: 1 working tokens, 2 in all, threshold 9. Known indices: {string.Join(", ", indices[8..])} and 8 older ones.]",
            new StatusLine(new MemoryOptions(), 9).Render(1, 2, indices));
        Assert.Equal("[context: 1 working tokens, 2 in all, threshold 9. Known indices: none.]", new StatusLine(new MemoryOptions(), 9).Render(1, 2, []));
    }

    [Fact]
    public void The_numbers_are_those_of_the_context_with_the_line_in_it_across_all_digit_boundaries() =>
        Gen.Select(
            Gen.Int[0, Templates.Count - 1], Gen.Enum<StatusStyle>(), Gen.OneOf(Gen.Int[0, 250], Gen.Int[800, 1100], Gen.Int[9800, 10_100], Gen.Int[99_800, 100_100]),
            Gen.Int[1, 120_000], Gen.Int[0, 40], Gen.String[Gen.Char["ab 1\n𝄞é"], 0, 30], Gen.Bool, Gen.Enum<StatusCounts>())
        .Sample((which, style, before, threshold, indices, text, carried, counts) =>
        {
            var template = Templates[which];
            var prompt = Math.Min(before, 9 + (before / 2));
            Func<string, int[]> render = carried ? template.CarriedSummary : template.Observation;
            var kind = carried ? TokenKind.CarriedSummary : TokenKind.MemoryContent;
            var options = new MemoryOptions { Status = style, StatusCounts = counts };
            string[] known = [.. Enumerable.Range(0, indices).Select(i => $"x{i}")];
            var status = new StatusLine(options, threshold);
            var pieces = status.Attach(text, kind, render, before, prompt, known);

            int[] ids = [.. pieces.SelectMany(p => p.Ids)];
            var total = before + ids.Length;
            var line = template.Tokenizer.Decode(pieces[1].Ids);
            var numbers = (style == StatusStyle.Compact ? CompactNumbers() : VerboseNumbers()).Match(line);
            Assert.True(numbers.Success, line);
            Assert.Equal((total - prompt, total, threshold), (Number(1), Number(2), Number(3)));
            var counted = counts == StatusCounts.Total ? total : total - prompt;
            Assert.Equal(counted >= threshold, line.Contains(style == StatusStyle.Compact ? "!!" : "compress now", StringComparison.Ordinal));

            // The markup is the template's, the text is whole, and only the line is of kind status.
            Assert.Equal(render(text + "\n" + status.Render(total - prompt, total, known)), ids);
            Assert.Equal([kind, TokenKind.Status, kind], pieces.Select(p => p.Kind));
            Assert.Equal(template.Tokenizer.Decode(render(text)), template.Tokenizer.Decode([.. pieces[0].Ids, .. pieces[2].Ids]));

            int Number(int group) => int.Parse(numbers.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        }, iter: 2000);

    [GeneratedRegex(@"(\d+) (\d+)/(\d+) ")]
    private static partial Regex CompactNumbers();

    [GeneratedRegex(@"\[context: (\d+) working tokens, (\d+) in all, threshold (\d+)\. ")]
    private static partial Regex VerboseNumbers();
}
