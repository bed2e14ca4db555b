using System.Globalization;
using YamlDotNet.Core;

namespace AgentRL.Training.Configuration;

/// <summary>
/// <c>--set a.b=c</c>: puts a value, read as YAML, into the tree before it is bound. Items of lists are named by index:
/// <c>environment.tasks.0.weight=2</c>. A list or a section given this way replaces the whole of it.
/// </summary>
internal static class ConfigurationOverride
{
    public const string File = "--set";

    public static void Apply(YamlSection root, string text, int ordinal, FaultList faults)
    {
        var origin = new Origin(File, ordinal);
        var equals = text.IndexOf('=');
        var key = equals < 0 ? text : text[..equals].Trim();
        var parts = key.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        if (equals < 0 || parts.Any(p => p.Length == 0))
        {
            faults.Add(origin, "", $"'{text}' is no setting", "key=value, for example training.steps=20");
            return;
        }
        try
        {
            var value = YamlReader.Read(text[(equals + 1)..], _ => origin) ?? new YamlText(origin, "", true);
            Put(root, parts, value, key, origin, faults);
        }
        catch (YamlException e)
        {
            faults.Add(origin, key, $"the value is no YAML: {e.Message}");
        }
    }

    private static void Put(YamlSection root, string[] parts, YamlNode value, string key, Origin origin, FaultList faults)
    {
        YamlNode at = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            if (at is YamlList list)
            {
                if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= list.Items.Count)
                {
                    faults.Add(origin, key, $"'{parts[i]}' is no item of {string.Join('.', parts[..i])}", list.Items.Count == 0 ? "another key: the list is empty" : $"an index 0..{list.Items.Count - 1}");
                    return;
                }
                if (isLast) list.Items[index] = value;
                at = list.Items[index];
                continue;
            }
            if (at is not YamlSection section)
            {
                faults.Add(origin, key, $"{string.Join('.', parts[..i])} is {at.Describe()}, with nothing below it", "a key of a section");
                return;
            }
            var found = section.Entries.FindIndex(e => e.Key.Value == parts[i]);
            var next = isLast ? value : found < 0 || section.Entries[found].Value is YamlText { IsNull: true } ? new YamlSection(origin, []) : section.Entries[found].Value;
            var name = found >= 0 && !isLast ? section.Entries[found].Key : new YamlText(origin, parts[i], true);
            if (found < 0) section.Entries.Add((name, next));
            else section.Entries[found] = (name, next);
            at = next;
        }
    }
}
