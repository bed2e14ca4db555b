using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c> and refuses, naming the key, whatever would silently change ids.</summary>
internal static class TokenizerJsonReader
{
    public static TokenizerDefinition Read(string file, ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = Parse(file, json);
        JsonCursor root = new(file, "", document.RootElement);

        IReadOnlyList<(AddedToken Token, JsonCursor At)> added = ReadAdded(root);
        ModelSection model = ModelSection.Read(root["model"], added);
        PreTokenizerSection pre = PreTokenizerSection.Read(root.Optional("pre_tokenizer"));
        JsonCursor decoder = root.Optional("decoder");
        bool byteLevel = pre.ByteLevel;
        if (!byteLevel && !model.ByteFallback)
            throw root.At("pre_tokenizer").Fault("is neither byte-level nor does the model fall back to bytes (model.byte_fallback): some texts would be lost");
        ByteSpelling spelling = byteLevel ? ByteSpelling.ByteLevel : ByteSpelling.ByteFallback;
        model.RequireBytes(spelling);
        (IReadOnlyList<int> prefix, IReadOnlyList<int> suffix) = PostProcessorSection.Read(root.Optional("post_processor"), model.Tokens);

        return new TokenizerDefinition
        {
            Spelling = spelling,
            Tokens = model.Tokens,
            Merges = model.Merges,
            Added = [.. added.Select(a => a.Token)],
            Normalizers = NormalizerSection.Read(root.Optional("normalizer")),
            Splits = pre.Splits,
            IgnoreMerges = model.IgnoreMerges,
            Prefix = prefix,
            Suffix = suffix,
            StripLeadingSpace = DecoderSection.Read(decoder, spelling),
        };
    }

    private static JsonDocument Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            ReadOnlyMemory<byte> text = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
            return JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new TokenizerException(file, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", "is not valid JSON: " + e.Message, e);
        }
    }

    private static List<(AddedToken Token, JsonCursor At)> ReadAdded(JsonCursor root)
    {
        List<(AddedToken Token, JsonCursor At)> added = [];
        if (root.Optional("added_tokens") is not { IsNull: false } list)
            return added;
        HashSet<string> texts = [];
        foreach (JsonCursor item in list.Items())
        {
            AddedToken token = new(item["id"].Number(), item["content"].Text(), item.Flag("lstrip"), item.Flag("rstrip"));
            if (token.Text.Length == 0)
                throw item["content"].Fault("is empty");
            if (!texts.Add(token.Text))
                throw item["content"].Fault($"repeats \"{token.Text}\"");
            if (item.Flag("single_word"))
                throw item["single_word"].Fault("true is not supported");
            added.Add((token, item));
        }

        return added;
    }
}
