using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Tokens;

namespace AgentRL.Memory;

/// <summary>The tools by which a policy manages its memory, as templates render them.</summary>
public static class MemoryTools
{
    /// <summary>Stores blocks and restarts the context from a summary.</summary>
    public const string Compress = "compress_experience";

    /// <summary>Gives back a block.</summary>
    public const string Read = "read_experience";

    /// <summary>Finds blocks by words.</summary>
    public const string Search = "search_experience";

    /// <summary>Replaces a block's content.</summary>
    public const string Update = "update_experience";

    /// <summary>Removes a block.</summary>
    public const string Delete = "delete_experience";

    private const string CompressSchema = """
        {"type":"object","properties":{"summary":{"type":"string","description":"the state of the work, and the map of indices with a line on each"},"blocks":{"type":"array","items":{"type":"object","properties":{"index":{"type":"string","pattern":"^[A-Za-z0-9_-]{1,64}$"},"content":{"type":"string"},"start":{"type":"string"},"mid":{"type":"string"},"end":{"type":"string"}},"required":["index"],"additionalProperties":false}}},"required":["summary","blocks"],"additionalProperties":false}
        """;

    /// <summary>Whether a memory tool reads rather than writes.</summary>
    public static bool Reads(string tool) => tool is Read or Search;

    /// <summary>The tools that a strategy gives to the policy.</summary>
    public static IReadOnlyList<ToolDescription> For(ContextOptions context)
    {
        var memory = context.Memory;
        var indexed = context.Strategy == ContextStrategyKind.Indexed;
        var tools = new List<ToolDescription>();
        if (indexed)
        {
            tools.Add(new(Compress, "Archives exact evidence under indices and restarts the context from a summary. A block has content, or start, mid and end: "
                + "three verbatim pieces of the context that name a span.", CompressSchema.Trim(), true, "compress_experience(summary,blocks)"));
            tools.Add(Simple(Read, memory.ReadSeveral ? "Gives back archived blocks; several indices are separated by commas." : "Gives back an archived block word for word.", false, "index"));
        }
        if (context.Strategy == ContextStrategyKind.Retrieval || (indexed && memory.Search))
            tools.Add(Simple(Search, indexed ? "Finds archived blocks by words." : "Finds turns that have left the context by words.", false, "query"));
        if (indexed && memory.Update) tools.Add(Simple(Update, "Replaces the content of an archived block.", true, "index", "content"));
        if (indexed && memory.Delete) tools.Add(Simple(Delete, "Removes an archived block.", true, "index"));
        return tools;
    }

    private static ToolDescription Simple(string name, string description, bool changesState, params string[] parameters) => new(
        name, description,
        ToolParameter.SchemaOf([.. parameters.Select(p => new ToolParameter(p, ToolParameterType.Text, p == "query" ? "words to look for" : p == "content" ? "the new content" : "the index"))]),
        changesState, $"{name}({string.Join(',', parameters)})");
}
