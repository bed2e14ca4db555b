using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AgentRL.Tools;

namespace AgentRL.Memory;

/// <summary>Reads the arguments of memory tools. Every fault becomes a sentence that names the block and says what would be right; none an exception.</summary>
internal static class MemoryCallParser
{
    private const int MostBlocks = 64;

    public static bool TryParse(ToolCall call, MemoryOptions options, [NotNullWhen(true)] out MemoryCall? parsed, [NotNullWhen(false)] out string? fault)
    {
        parsed = null;
        string[] wanted = call.Name switch
        {
            MemoryTools.Compress => ["summary", "blocks"],
            MemoryTools.Search => ["query"],
            MemoryTools.Update => ["index", "content"],
            _ => ["index"],
        };
        fault = Unknown(call.Arguments, wanted, call.Name);
        if (fault is not null) return false;
        if (call.Name == MemoryTools.Compress) return TryCompress(call.Arguments, out parsed, out fault);
        var texts = new string[wanted.Length];
        for (var i = 0; i < wanted.Length; i++)
        {
            if (!TryText(call.Arguments, wanted[i], call.Name, out texts[i]!, out fault)) return false;
        }
        if (call.Name == MemoryTools.Search)
        {
            parsed = new MemoryCall.Search(texts[0]);
            return true;
        }
        var several = call.Name == MemoryTools.Read && options.ReadSeveral;
        string[] indices = several ? texts[0].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [texts[0]];
        fault = indices.Length == 0 ? $"{call.Name}: index is blank" : indices.Where(i => !IndexName.IsValid(i)).Select(i => $"{call.Name}: {IndexName.Show(i)} is no index; use {IndexName.Rule}").FirstOrDefault();
        if (fault is not null) return false;
        parsed = call.Name switch
        {
            MemoryTools.Read => new MemoryCall.Read([.. indices.Distinct()]),
            MemoryTools.Update => new MemoryCall.Update(texts[0], texts[1]),
            _ => new MemoryCall.Delete(texts[0]),
        };
        return true;
    }

    /// <summary>The summary of a compression that cannot be carried out; null where that is unreadable, too.</summary>
    public static string? SummaryOf(ToolCall compress) => TryText(compress.Arguments, "summary", compress.Name, out var summary, out _) ? summary : null;

    private static bool TryCompress(JsonElement arguments, [NotNullWhen(true)] out MemoryCall? parsed, [NotNullWhen(false)] out string? fault)
    {
        parsed = null;
        if (!TryText(arguments, "summary", MemoryTools.Compress, out var summary, out fault)) return false;
        var blocks = new List<BlockRequest>();
        if (arguments.TryGetProperty("blocks", out var list))
        {
            fault = list.ValueKind != JsonValueKind.Array ? "blocks must be a list" : list.GetArrayLength() > MostBlocks ? $"at most {MostBlocks} blocks at once" : null;
            if (fault is not null) return false;
            foreach (var item in list.EnumerateArray())
            {
                if (!TryBlock(item, blocks.Count + 1, out var block, out fault)) return false;
                if (blocks.Any(b => b.Index == block.Index))
                {
                    fault = $"block {blocks.Count + 1}: {block.Index} is given twice; give each index once";
                    return false;
                }
                blocks.Add(block);
            }
        }
        parsed = new MemoryCall.Compress(summary, blocks);
        fault = null;
        return true;
    }

    private static bool TryBlock(JsonElement item, int number, [NotNullWhen(true)] out BlockRequest? block, [NotNullWhen(false)] out string? fault)
    {
        block = null;
        var where = $"block {number}";
        fault = item.ValueKind != JsonValueKind.Object ? $"{where} must be an object" : Unknown(item, ["index", "content", "start", "mid", "end"], where);
        if (fault is not null || !TryText(item, "index", where, out var index, out fault)) return false;
        if (!IndexName.IsValid(index))
        {
            fault = $"{where}: {IndexName.Show(index)} is no index; use {IndexName.Rule}";
            return false;
        }
        where += $" {index}";
        var anchors = new[] { "start", "mid", "end" }.Count(a => item.TryGetProperty(a, out _));
        if (item.TryGetProperty("content", out _))
        {
            if (anchors > 0) fault = $"{where}: give content, or start, mid and end, not both";
            else if (TryText(item, "content", where, out var content, out fault)) block = new BlockRequest(index, content, "", "", "");
        }
        else if (anchors == 0)
        {
            fault = $"{where}: give content, or start, mid and end";
        }
        else if (TryText(item, "start", where, out var start, out fault) && TryText(item, "mid", where, out var mid, out fault) && TryText(item, "end", where, out var end, out fault))
        {
            block = new BlockRequest(index, null, start, mid, end);
        }
        return block is not null;
    }

    private static bool TryText(JsonElement json, string name, string where, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? fault)
    {
        text = null;
        if (!json.TryGetProperty(name, out var value)) fault = $"{where}: {name} is missing";
        else if (value.ValueKind != JsonValueKind.String) fault = $"{where}: {name} must be a string";
        else if (TextOf(value.GetString) is not { } read) fault = $"{where}: {name} must be well-formed text";
        else if (string.IsNullOrWhiteSpace(read)) fault = $"{where}: {name} is blank";
        else (text, fault) = (read, null);
        return text is not null;
    }

    private static string? Unknown(JsonElement json, string[] known, string where)
    {
        if (json.ValueKind != JsonValueKind.Object) return $"{where}: arguments must be an object";
        foreach (var member in json.EnumerateObject())
        {
            if (TextOf(() => member.Name) is not { } name) return $"{where}: argument names must be well-formed text";
            if (!known.Contains(name)) return $"{where}: unknown argument {IndexName.Show(name)}; use {string.Join(", ", known)}";
        }
        return null;
    }

    /// <summary>JSON can escape half a surrogate pair, which is no text: null.</summary>
    private static string? TextOf(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
