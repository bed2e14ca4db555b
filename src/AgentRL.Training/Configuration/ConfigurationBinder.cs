using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace AgentRL.Training.Configuration;

/// <summary>Turns YAML nodes into configuration records. A setting at fault keeps its default, so that reading goes on to the next one.</summary>
internal sealed class ConfigurationBinder(FaultList faults)
{
    private string[] allKeys = [];

    /// <summary>Binds a whole document to a record of settings.</summary>
    public T Bind<T>(YamlNode root)
    {
        allKeys = [.. SettingSchema.AllKeys(typeof(T))];
        return (T)Section(typeof(T), root, "");
    }

    private object Section(Type type, YamlNode node, string path)
    {
        var record = Activator.CreateInstance(type)!;
        if (node is YamlText { IsNull: true }) return record;
        if (node is not YamlSection section)
        {
            faults.Add(node.Origin, path, $"is {node.Describe()}", "a section of settings");
            return record;
        }
        var settings = SettingSchema.Of(type);
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in section.Entries)
        {
            var full = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            if (!written.Add(key.Value))
            {
                faults.Add(key.Origin, full, "is given twice", "each key once in its section");
                continue;
            }
            if (settings.FirstOrDefault(s => s.Key == key.Value) is not { } setting)
            {
                faults.Add(key.Origin, full, "unknown key", "one of " + string.Join(", ", settings.Select(s => s.Key)), Nearest(key.Value, settings));
                continue;
            }
            faults.NoteGiven(full, key.Origin);
            if (TryValue(setting, setting.Type, value, full, out var bound)) setting.Property.SetValue(record, bound);
        }
        CheckExclusions(settings, record, path);
        return record;
    }

    private string? Nearest(string key, IReadOnlyList<Setting> settings)
    {
        if (NearestName.Find(key, settings.Select(s => s.Key)) is { } here) return here;
        return allKeys.FirstOrDefault(k => k.EndsWith(key, StringComparison.Ordinal) && (k.Length == key.Length || k[^(key.Length + 1)] == '.'));
    }

    private bool TryValue(Setting setting, Type type, YamlNode node, string key, [NotNullWhen(true)] out object? value)
    {
        value = null;
        if (SettingSchema.IsSection(type)) value = Section(type, node, key);
        else if (SettingSchema.ItemOf(type) is { } item) value = List(setting, item, node, key);
        else if (type == typeof(IReadOnlyDictionary<string, int>)) value = Numbers(node, key);
        else if (node is YamlText { IsNull: true } && setting.IsNullable) return false;
        else
        {
            value = node is YamlText text ? Scalar(type, text) : null;
            if (value is null)
            {
                Refuse(setting, type, node, key);
            }
            else if (setting.Range is not null && !setting.Allows(value))
            {
                var reason = setting.Range.ErrorMessage is { } why ? $": {why}" : "";
                faults.Add(node.Origin, key, $"is {Scalars.Text(value)}{reason}", setting.RangeText!);
                value = null;
            }
        }
        return value is not null;
    }

    private static object? Scalar(Type type, YamlText node)
    {
        if (type == typeof(string)) return node.IsNull ? null : node.Value;
        if (!node.IsPlain) return null;
        var text = node.Value;
        if (type == typeof(bool)) return text.ToLowerInvariant() switch { "true" or "on" or "yes" => true, "false" or "off" or "no" => false, _ => null };
        if (type == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : null;
        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d) ? d : null;
        }
        var at = Array.IndexOf(SettingSchema.NamesOf(type), text);
        return at < 0 ? null : Enum.GetValues(type).GetValue(at);
    }

    private void Refuse(Setting setting, Type type, YamlNode node, string key)
    {
        string? nearest = null;
        string expected;
        if (type.IsEnum)
        {
            var names = SettingSchema.NamesOf(type);
            expected = "one of " + string.Join(", ", names);
            nearest = node is YamlText text ? NearestName.Find(text.Value, names) : null;
        }
        else if (type == typeof(bool)) expected = "true or false";
        else if (type == typeof(string)) expected = "a text";
        else expected = (type == typeof(int) ? "a whole number" : "a number") + (setting.RangeText is { } range ? ", " + range : "");
        faults.Add(node.Origin, key, $"is {node.Describe()}", expected, nearest);
    }

    private IList? List(Setting setting, Type item, YamlNode node, string key)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        if (node is not YamlList list)
        {
            if (node is YamlText { IsNull: true }) return items;
            faults.Add(node.Origin, key, $"is {node.Describe()}", "a list");
            return null;
        }
        for (var i = 0; i < list.Items.Count; i++)
        {
            var itemKey = $"{key}[{i}]";
            faults.NoteGiven(itemKey, list.Items[i].Origin);
            // A list item of null is no item: nullability is the list's, not its items'.
            if (TryValue(setting with { IsNullable = false }, item, list.Items[i], itemKey, out var value)) items.Add(value);
        }
        return items;
    }

    private SortedDictionary<string, int>? Numbers(YamlNode node, string key)
    {
        var numbers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (node is YamlText { IsNull: true }) return numbers;
        if (node is not YamlSection section)
        {
            faults.Add(node.Origin, key, $"is {node.Describe()}", "a section of whole numbers");
            return null;
        }
        foreach (var (name, value) in section.Entries)
        {
            var full = $"{key}.{name.Value}";
            if (value is not YamlText text || Scalar(typeof(int), text) is not int number)
            {
                faults.Add(value.Origin, full, $"is {value.Describe()}", "a whole number");
            }
            else if (!numbers.TryAdd(name.Value, number))
            {
                faults.Add(name.Origin, full, "is given twice", "each key once in its section");
            }
            else
            {
                faults.NoteGiven(full, name.Origin);
            }
        }
        return numbers;
    }

    private void CheckExclusions(IReadOnlyList<Setting> settings, object record, string path)
    {
        foreach (var setting in settings.Where(s => s.ExcludedBy is not null && faults.IsGiven($"{path}.{s.Key}")))
        {
            var other = settings.Single(s => s.Property.Name == setting.ExcludedBy);
            if (other.Property.GetValue(record) is null) continue;
            faults.AddAt($"{path}.{setting.Key}", $"has no meaning beside {path}.{other.Key}, which says it already", $"either {path}.{other.Key} or this");
        }
    }
}
