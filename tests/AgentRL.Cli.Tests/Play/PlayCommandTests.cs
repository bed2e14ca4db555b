using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentRL.Cli.Play;
using AgentRL.Contexts;
using AgentRL.Memory;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Play;

public sealed class PlayCommandTests
{
    private const string Task = "functions/scan_max@{\"from\":3,\"max_value\":9,\"rendering\":\"compact\",\"seed\":5,\"to\":5}";

    private const string Room = """household/put@{"distractors":0,"explain_failures":1,"hide_commands":1,"hide_initial_room":1,"look_once":1,"object":"key","opaque_ids":0,"place":"cabinet","receptacles":4,"rendering":"compact","room":"bedroom","seed":1,"target_from":0,"target_to":3,"targets":1}""";

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

    [Fact]
    public async Task A_person_archives_reads_back_and_wins_with_an_indexed_memory()
    {
        const string lines = """
            look()
            nothing yet, compress_experience(nothing found, [], [])
            compress_experience("at nothing; map: places (4)", [{"index":"map","start":"dresser1","mid":"drawer1","end":"sidetable1"},{"index":"plan","content":"the key (if any) goes to cabinet1, \"never\" elsewhere"}])
            read_experience(nowhere)
            read_experience(map)
            I begin there: go_to(drawer1)
            open(drawer1)
            take(key1,drawer1)
            read_experience("plan")
            compress_experience(hold key1, [])
            update_experience(plan, "the key goes to cabinet1")
            <tool_call>{"name":"read_experience","arguments":{"index":"plan"}}</tool_call>
            go_to(cabinet1)
            open(cabinet1)
            move(key1,cabinet1)

            """;
        string[] set =
        [
            "context.strategy=indexed", "context.working_context=500", "context.max_observation_tokens=100", "context.max_turn_tokens=120", "context.list_tools=false", "context.memory.update=true",
        ];
        var result = await Cli.RunAsync(TinyRun.Catalog, new StringReader(lines), new StringWriter(), CancellationToken.None, ["play", Room, .. set.SelectMany(s => new[] { "--set", s })]);
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Approved.Matches("play-indexed", result.Out);
    }

    [Theory]
    [InlineData("read_experience(map)", """{"name":"read_experience","arguments":{"index":"map"}}""")]
    [InlineData("read_experience(\"map\")", """{"name":"read_experience","arguments":{"index":"map"}}""")]
    [InlineData("compress_experience(all done, [])", """{"name":"compress_experience","arguments":{"summary":"all done","blocks":[]}}""")]
    [InlineData("compress_experience(\"a, b (c)\", [{\"index\":\"x\",\"content\":\"1, (2)\"}])", """{"name":"compress_experience","arguments":{"summary":"a, b (c)","blocks":[{"index":"x","content":"1, (2)"}]}}""")]
    [InlineData("update_experience(x, \"a \\\"b\\\", c\")", """{"name":"update_experience","arguments":{"index":"x","content":"a \"b\", c"}}""")]
    [InlineData("read_experience(\"map)", null)]
    [InlineData("read_experience(null, \"\")", """{"name":"read_experience","arguments":{"index":"null","argument2":""}}""")]
    [InlineData("read_experience([)", """{"name":"read_experience","arguments":{"index":"["}}""")]
    [InlineData("compress_experience(at (3), [])", null)]
    [InlineData("forget(map)", null)]
    public void Shorthand_takes_words_and_JSON(string line, string? call)
    {
        var memory = new MemoryOptions { Update = true };
        var expanded = CallShorthand.Expand(line, MemoryTools.For(new ContextOptions { Strategy = ContextStrategyKind.Indexed, Memory = memory }));
        if (call is null) Assert.Equal(line, expanded);
        else Assert.True(JsonNode.DeepEquals(JsonNode.Parse(call), JsonNode.Parse(expanded["<tool_call>".Length..^"</tool_call>".Length])), expanded);
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
