using AgentRL.Cli.Tests.Inspect;
using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Inspector.Tests.Support;

/// <summary>An episode whose every text tries to be more than text.</summary>
internal static class Hostile
{
    public const string Script = "<script>window.owned=1;alert('owned')</script>";
    public const string Image = "\"><img src=x onerror=\"window.owned=1;alert(1)\">";
    public const string Closing = "</div></main></body></style></textarea><iframe src=\"javascript:alert(1)\"></iframe>";
    public const string Acting = "\u001B[2J\u0007\u202Egnp.exe\u202C\0\u200B\r";

    public static readonly EpisodeKey Key = new($"eval/{Script}&x=<b>", 3, 1, 0);

    public static Episode Episode()
    {
        var example = MemoryExample.Episode();
        return example with
        {
            Key = Key,
            TaskId = $"functions/{Script}@{{\"{Image}\":1}}",
            Strategy = $"summary{Image}",
            Failure = Script + Closing,
            Result = example.Result with { Parts = new Dictionary<string, double> { [Script] = 1, [Image] = 0 } },
            Turns = [.. example.Turns.Select(t => t with
            {
                Text = $"{Script}{Closing}<tool_call>{Acting}</tool_call>{Image}",
                ToolName = t.Index == 2 ? Script : t.ToolName,
                ToolArguments = "{\"<img src=x onerror=alert(1)>\":\"" + "</code><script>alert(1)</script>" + "\"}",
                Observation = t.Observation is null ? null : Acting + Image + new string('m', t.Index == 0 ? 30_000 : 40) + "\ud800",
                Summary = t.Summary is null ? null : $"at={Script} {Acting}",
                Oracle = t.Summary is null ? null : $"at={Image} have={Script}",
            })],
            MemoryEvents =
            [
                .. example.MemoryEvents.Select(e => new MemoryEvent(
                    e.Kind, e.Turn, e.Index == "a" ? Image : e.Index, e.Content is null ? null : Script + e.Content, e.ContentTokens)),
            ],
        };
    }
}
