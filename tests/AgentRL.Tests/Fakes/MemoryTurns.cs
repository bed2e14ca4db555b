using System.Text.Json.Nodes;
using AgentRL.Memory;
using AgentRL.Tools;

namespace AgentRL.Tests.Fakes;

/// <summary>Turns that call the memory's tools.</summary>
internal static class MemoryTurns
{
    public static string Compress(string summary, params (string Index, string Content)[] blocks) =>
        Call(MemoryTools.Compress, ("summary", summary), ("blocks", new JsonArray([.. blocks.Select(b => new JsonObject { ["index"] = b.Index, ["content"] = b.Content })])));

    public static string Anchored(string summary, string index, string start, string mid, string end) =>
        Call(MemoryTools.Compress, ("summary", summary), ("blocks", new JsonArray(new JsonObject { ["index"] = index, ["start"] = start, ["mid"] = mid, ["end"] = end })));

    public static string Read(string index) => Call(MemoryTools.Read, ("index", index));

    public static string Search(string query) => Call(MemoryTools.Search, ("query", query));

    public static string Update(string index, string content) => Call(MemoryTools.Update, ("index", index), ("content", content));

    public static string Delete(string index) => Call(MemoryTools.Delete, ("index", index));

    /// <summary>A compression with these arguments, as they stand.</summary>
    public static string Raw(string arguments) => $"<tool_call>{{\"name\":\"{MemoryTools.Compress}\",\"arguments\":{arguments}}}</tool_call>";

    private static string Call(string name, params (string Name, JsonNode Value)[] arguments) => ToolCall.Of(name, arguments).Render();
}
