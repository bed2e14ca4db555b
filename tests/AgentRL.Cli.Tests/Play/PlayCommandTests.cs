using System.Text.RegularExpressions;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Play;

public sealed class PlayCommandTests
{
    private const string Task = "functions/scan_max@{\"from\":3,\"max_value\":9,\"rendering\":\"compact\",\"seed\":5,\"to\":5}";

    [Fact]
    public async Task A_person_wins_with_calls_in_shorthand()
    {
        var best = await LargestAsync();
        var result = await PlayAsync($"get(3)\nget(4)\nI look: get(5)\ndone({best})\n");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        foreach (var text in new[] { "get(", "Ctrl-D ends the game", "Answered: reward 1.00, 4 turns, 0 rounds" }) Assert.Contains(text, result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_context_asks_for_a_summary_and_shows_nothing_else_afterwards()
    {
        var best = await LargestAsync();
        var result = await PlayAsync(
            string.Concat(Enumerable.Repeat("get(3)\n", 8)) + $"best {best}\ndone({best})\n",
            "--set", "context.working_context=84", "--set", "context.max_turn_tokens=24", "--set", "context.max_summary_tokens=24", "--set", "context.max_observation_tokens=16");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Contains("summary [at most 24 tokens]> ", result.Out, StringComparison.Ordinal);
        Assert.Contains($"summary: best {best}", result.Out, StringComparison.Ordinal);
        Assert.Contains("reward 1.00", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("get(3)\n")]
    [InlineData("what?\n{broken\nget()\nget(99999999999999999999)\nget(a,b,c)\n\n")]
    public async Task An_end_of_input_ends_the_game_politely(string lines)
    {
        var result = await PlayAsync(lines);
        Assert.Equal((ExitCode.Interrupted, ""), (result.Code, result.Error));
        Assert.EndsWith("You left the game before its end.\n", result.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_game_while_it_waits_for_a_line()
    {
        using var interruption = new CancellationTokenSource();
        var waiting = Cli.RunAsync(TinyRun.Catalog, new SilentReader(interruption.Cancel), new StringWriter(), interruption.Token, "play", Task);
        Assert.Equal(ExitCode.Interrupted, (await waiting).Code);
    }

    private static async Task<string> LargestAsync()
    {
        var result = await PlayAsync("get(3)\nget(4)\nget(5)\n");
        return Regex.Matches(result.Out, @">   (\d+)").Select(m => m.Groups[1].Value).OrderBy(int.Parse).Last();
    }

    private static Task<CliResult> PlayAsync(string lines, params string[] more) =>
        Cli.RunAsync(TinyRun.Catalog, new StringReader(lines), new StringWriter(), CancellationToken.None, ["play", Task, .. more]);

    /// <summary>A person who never writes a line: presses Ctrl-C when asked for one.</summary>
    private sealed class SilentReader(Action asked) : TextReader
    {
        public override string? ReadLine()
        {
            asked();
            Thread.Sleep(Timeout.Infinite);
            return null;
        }
    }
}
