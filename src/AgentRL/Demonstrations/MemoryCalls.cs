using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Tools;

namespace AgentRL.Demonstrations;

/// <summary>Calls of the memory's tools as a demonstrator writes them.</summary>
internal static class MemoryCalls
{
    public static string Read(string index) => ToolCall.Of(MemoryTools.Read, ("index", index)).Render();

    public static string Search(string query) => ToolCall.Of(MemoryTools.Search, ("query", query)).Render();

    public static string Compress(string summary, IEnumerable<(string Index, Evidence Evidence)> blocks, ArchiveBy by) => ToolCall.Of(
        MemoryTools.Compress, ("summary", summary), ("blocks", new JsonArray([.. blocks.Select(b => Block(b.Index, b.Evidence, by))]))).Render();

    private static JsonObject Block(string index, Evidence evidence, ArchiveBy by) => by == ArchiveBy.Content && evidence.Text.Length > 0
        ? new() { ["index"] = index, ["content"] = evidence.Text }
        : new() { ["index"] = index, ["start"] = evidence.Start, ["mid"] = evidence.Mid, ["end"] = evidence.End };
}
