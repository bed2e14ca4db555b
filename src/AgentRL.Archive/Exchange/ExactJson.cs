using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentRL.Archive.Exchange;

/// <summary>
/// JSON without loss. Lone surrogates, which the platform's own reader refuses, are written as the escapes that JSON has for them; infinities and not-a-number as
/// texts (<c>"Infinity"</c>, <c>"NaN"</c>, and <c>"NaN:7fc00001"</c> where its bits are not the usual ones).
/// </summary>
internal static class ExactJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new TextConverter(), new DoubleConverter(), new FloatConverter() },
    };

    private sealed class TextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String) throw new JsonException("expected a text");
            return reader.ValueIsEscaped ? Unescape(Encoding.UTF8.GetString(reader.ValueSpan)) : reader.GetString();
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
        {
            if (IsWellFormed(value)) writer.WriteStringValue(value);
            else writer.WriteRawValue(Escape(value), skipInputValidation: true);
        }

        private static string Escape(string value)
        {
            var text = new StringBuilder("\"");
            foreach (var unit in value)
            {
                if (unit is >= ' ' and < '\x7F' and not ('"' or '\\')) text.Append(unit);
                else text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
            return text.Append('"').ToString();
        }

        /// <summary>The reader has checked that the escapes are well formed.</summary>
        private static string Unescape(string escaped)
        {
            var text = new StringBuilder(escaped.Length);
            for (var i = 0; i < escaped.Length; i++)
            {
                if (escaped[i] != '\\')
                {
                    text.Append(escaped[i]);
                    continue;
                }
                i++;
                if (escaped[i] != 'u')
                {
                    text.Append(escaped[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var itself => itself });
                    continue;
                }
                text.Append((char)int.Parse(escaped.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            return text.ToString();
        }
    }

    private sealed class DoubleConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : BitConverter.Int64BitsToDouble(Special(reader.GetString(), BitConverter.DoubleToInt64Bits));

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            var bits = BitConverter.DoubleToInt64Bits(value);
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteStringValue(Special(value, bits == BitConverter.DoubleToInt64Bits(double.NaN), $"{bits:x16}"));
        }
    }

    private sealed class FloatConverter : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number
                ? reader.GetSingle()
                : BitConverter.Int32BitsToSingle((int)Special(reader.GetString(), d => BitConverter.SingleToInt32Bits((float)d)));

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
        {
            var bits = BitConverter.SingleToInt32Bits(value);
            if (float.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteStringValue(Special(value, bits == BitConverter.SingleToInt32Bits(float.NaN), $"{bits:x8}"));
        }
    }

    /// <summary>Whether a text is valid Unicode: no surrogate stands alone.</summary>
    public static bool IsWellFormed(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i])) continue;
            if (i + 1 >= value.Length || !char.IsSurrogatePair(value[i], value[i + 1])) return false;
            i++;
        }
        return true;
    }

    private static string Special(double value, bool isUsual, string bits) =>
        double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : isUsual ? "NaN" : $"NaN:{bits}";

    private static long Special(string? text, Func<double, long> bits) => text switch
    {
        "Infinity" => bits(double.PositiveInfinity),
        "-Infinity" => bits(double.NegativeInfinity),
        "NaN" => bits(double.NaN),
        not null when text.StartsWith("NaN:", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var found) => found,
        _ => throw new JsonException($"'{text}' is no number"),
    };
}
