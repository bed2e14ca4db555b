using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>The <c>model</c> of a tokenizer.json: vocabulary and merges.</summary>
internal sealed class ModelSection
{
    /// <summary>
    /// Ids may have gaps, but tables of all ids must stay in proportion to the file: a damaged id must not make us allocate gigabytes. The largest id allowed is this
    /// many times the number of tokens, and <see cref="FewIds"/> in any case.
    /// </summary>
    private const int LargestGaps = 4;

    private const int FewIds = 2048;

    private readonly JsonCursor _cursor;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly HashSet<int> _added;

    private ModelSection(JsonCursor cursor, IReadOnlyList<(AddedToken Token, JsonCursor At)> added)
    {
        _cursor = cursor;
        string type = cursor.Optional("type") is { IsNull: false } given ? given.Text() : "BPE";
        if (type != "BPE")
            throw cursor.At("type").Fault($"\"{type}\" is not supported, only BPE");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (cursor.Optional(affix) is { IsNull: false } text && text.Text().Length > 0)
                throw text.Fault("is not supported");
        if (cursor.Optional("dropout") is { IsNull: false } dropout && (dropout.Value.ValueKind != JsonValueKind.Number || dropout.Value.GetDouble() != 0))
            throw dropout.Fault("is not supported: ids would be random");

        _added = [.. added.Select(a => a.Token.Id)];
        _vocabulary = ReadVocabulary(cursor["vocab"]);
        Tokens = Number(_vocabulary, cursor, added);
        Merges = ReadMerges(cursor["merges"]);
        IgnoreMerges = cursor.Flag("ignore_merges");
        ByteFallback = cursor.Flag("byte_fallback");
    }

    public string?[] Tokens { get; }

    public IReadOnlyList<Merge> Merges { get; }

    public bool IgnoreMerges { get; }

    public bool ByteFallback { get; }

    public static ModelSection Read(JsonCursor cursor, IReadOnlyList<(AddedToken Token, JsonCursor At)> added) => new(cursor, added);

    /// <summary>Every byte needs a plain token: otherwise some text could not be encoded, or only as a special token.</summary>
    public void RequireBytes(ByteSpelling spelling)
    {
        for (int value = 0; value < 256; value++)
        {
            string name = spelling == ByteSpelling.ByteLevel ? ByteAlphabet.ToChar((byte)value).ToString() : ByteFallbackModel.ByteName(value);
            if (!_vocabulary.TryGetValue(name, out int id) || _added.Contains(id))
                throw _cursor.At("vocab").Fault($"has no plain token \"{name}\" for byte 0x{value:X2}");
        }
    }

    private static Dictionary<string, int> ReadVocabulary(JsonCursor cursor)
    {
        if (cursor.Value.ValueKind != JsonValueKind.Object)
            throw cursor.Fault("should be an object from token to id");
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        foreach (JsonProperty entry in cursor.Value.EnumerateObject())
        {
            string token;
            try
            {
                token = entry.Name;
            }
            catch (InvalidOperationException e)
            {
                throw cursor.Fault($"key {vocabulary.Count} is not valid Unicode", e);
            }

            if (!vocabulary.TryAdd(token, (cursor.At(token) with { Value = entry.Value }).Number()))
                throw cursor.At(token).Fault("stands twice in the vocabulary");
        }

        return vocabulary;
    }

    private static string?[] Number(Dictionary<string, int> vocabulary, JsonCursor cursor, IReadOnlyList<(AddedToken Token, JsonCursor At)> added)
    {
        IEnumerable<(int Id, string Text, JsonCursor At)> all =
        [
            .. vocabulary.Select(v => (v.Value, v.Key, cursor.At("vocab").At(v.Key))),
            .. added.Select(a => (a.Token.Id, a.Token.Text, a.At)),
        ];
        long largest = Math.Max(FewIds, (long)LargestGaps * (vocabulary.Count + added.Count));
        Dictionary<int, string> textOfId = [];
        foreach ((int id, string text, JsonCursor at) in all)
        {
            if (id < 0 || id > largest)
                throw at.Fault($"id {id} is out of range: with {vocabulary.Count + added.Count} tokens, ids go up to {largest}");
            if (textOfId.TryGetValue(id, out string? other) && other != text)
                throw at.Fault($"id {id} belongs to \"{other}\" and to \"{text}\"");
            if (vocabulary.TryGetValue(text, out int plain) && plain != id)
                throw at.Fault($"\"{text}\" has two ids, {plain} and {id}");
            textOfId[id] = text;
        }

        string?[] tokens = new string?[textOfId.Count == 0 ? 0 : textOfId.Keys.Max() + 1];
        foreach ((int id, string text) in textOfId)
            tokens[id] = text;
        return tokens;
    }

    private List<Merge> ReadMerges(JsonCursor cursor)
    {
        List<Merge> merges = [];
        HashSet<(int Left, int Right)> seen = [];
        foreach (JsonCursor item in cursor.Items())
        {
            (string left, string right) = Pair(item);
            Merge merge = new(IdOf(left, item), IdOf(right, item), IdOf(left + right, item));
            if (!seen.Add((merge.Left, merge.Right)))
                throw item.Fault($"repeats the merge of \"{left}\" and \"{right}\"");
            // Plain text must never become a special id, so merges that touch one are left out.
            if (!_added.Contains(merge.Result) && !_added.Contains(merge.Left) && !_added.Contains(merge.Right))
                merges.Add(merge);
        }

        return merges;
    }

    private static (string Left, string Right) Pair(JsonCursor item)
    {
        if (item.Value.ValueKind == JsonValueKind.Array)
            return item.Items().ToArray() is [JsonCursor left, JsonCursor right] ? (left.Text(), right.Text()) : throw item.Fault("should be a pair");
        return item.Text().Split(' ') is [{ Length: > 0 } first, { Length: > 0 } second] ? (first, second) : throw item.Fault($"\"{item.Text()}\" is not a pair of tokens with a space between");
    }

    private int IdOf(string token, JsonCursor item) => _vocabulary.TryGetValue(token, out int id) ? id : throw item.Fault($"names \"{token}\", which is not in model.vocab");
}
