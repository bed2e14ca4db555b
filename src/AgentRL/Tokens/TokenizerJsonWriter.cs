using System.Text.Encodings.Web;
using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>Writes a trained vocabulary as <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, the way Hugging Face's tools read them.</summary>
internal static class TokenizerJsonWriter
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(IReadOnlyList<string> tokens, int specialTokens, IReadOnlyList<Merge> merges, string split) => ToBytes(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < specialTokens; id++)
            WriteAddedToken(json, id, tokens[id]);
        json.WriteEndArray();
        json.WriteNull("normalizer");

        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", split);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        json.WriteStartObject();
        WriteByteLevel(json);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();

        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        WriteByteLevel(json);
        json.WriteEndObject();

        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < tokens.Count; id++)
            json.WriteNumber(tokens[id], id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (Merge merge in merges)
            json.WriteStringValue($"{tokens[merge.Left]} {tokens[merge.Right]}");
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static byte[] WriteConfiguration(IReadOnlyList<string> specialTokens) => ToBytes(json =>
    {
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        if (specialTokens.Contains(SmallVocabulary.Pad))
            json.WriteString("pad_token", SmallVocabulary.Pad);
        if (specialTokens.Contains(SmallVocabulary.End))
            json.WriteString("eos_token", SmallVocabulary.End);
    });

    private static byte[] ToBytes(Action<Utf8JsonWriter> content)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteAddedToken(Utf8JsonWriter json, int id, string content)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("content", content);
        foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            json.WriteBoolean(flag, false);
        json.WriteBoolean("special", true);
        json.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter json)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
    }
}
