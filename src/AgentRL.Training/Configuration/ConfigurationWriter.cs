using System.Collections;
using System.Security.Cryptography;
using System.Text;

namespace AgentRL.Training.Configuration;

/// <summary>
/// Writes a configuration with every setting, so that a run explains itself and later defaults cannot change it. Loading the text
/// gives the same configuration back, and writing that the same text.
/// </summary>
public static class ConfigurationWriter
{
    /// <summary>The configuration as YAML.</summary>
    public static string Write(RunConfiguration configuration)
    {
        var text = new StringBuilder();
        Section(text, configuration, 0);
        return text.ToString();
    }

    /// <summary>What names a configuration in results: the SHA-256 of <see cref="Write"/>, in lower-case hexadecimal.</summary>
    public static string Sha256(RunConfiguration configuration) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Write(configuration))));

    private static void Section(StringBuilder text, object record, int indent)
    {
        var settings = SettingSchema.Of(record.GetType());
        foreach (var setting in settings)
        {
            if (IsExcluded(setting, settings, record)) continue;
            text.Append(' ', indent).Append(setting.Key).Append(':');
            Value(text, setting.Property.GetValue(record), indent + 2);
        }
    }

    private static bool IsExcluded(Setting setting, IReadOnlyList<Setting> settings, object record) =>
        setting.ExcludedBy is { } other && settings.Single(s => s.Property.Name == other).Property.GetValue(record) is not null;

    private static void Value(StringBuilder text, object? value, int indent)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, int> numbers:
                var pairs = numbers.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => $"{Scalars.Text(n.Key)}: {Scalars.Text(n.Value)}");
                text.Append(" {").AppendJoin(", ", pairs).Append("}\n");
                break;
            case IList list when list.Count > 0 && SettingSchema.IsSection(list[0]!.GetType()):
                text.Append('\n');
                foreach (var item in list) Item(text, item!, indent);
                break;
            case IList list:
                text.Append(" [").AppendJoin(", ", list.Cast<object>().Select(Scalars.Text)).Append("]\n");
                break;
            case not null when SettingSchema.IsSection(value.GetType()):
                text.Append('\n');
                Section(text, value, indent);
                break;
            default:
                text.Append(' ').Append(Scalars.Text(value)).Append('\n');
                break;
        }
    }

    /// <summary>A section as a list item: its first key stands behind the dash.</summary>
    private static void Item(StringBuilder text, object item, int indent)
    {
        var start = text.Length;
        Section(text, item, indent + 2);
        text[start + indent] = '-';
    }
}
