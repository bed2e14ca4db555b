using System.Collections;
using System.Text;

namespace AgentRL.Training.Configuration;

/// <summary>The reference page of all settings, made from the records and their doc comments, so that it cannot fall behind them.</summary>
public static class ConfigurationReference
{
    /// <summary>The page (<c>configs/REFERENCE.md</c>).</summary>
    public static string Markdown()
    {
        var documentation = new XmlDocumentation(typeof(RunConfiguration).Assembly, typeof(Contexts.ContextOptions).Assembly, typeof(Cpu.Kernels.CacheStorage).Assembly);
        var text = new StringBuilder(
            """
            # Settings

            Made by `agentrl config reference > configs/REFERENCE.md`; do not edit by hand.

            Every setting may be left out. A file is checked as a whole before a run begins: `agentrl config check FILE` lists all its faults.
            `--set a.b=c` replaces a setting of the file (items of lists by index: `--set environment.tasks.0.weight=2`); the value is read as YAML,
            and a list or section given this way replaces the whole of it. Paths are relative to the current folder. The settings below
            `environment.tasks[].settings` belong to each environment: `agentrl envs NAME` lists them.


            """.ReplaceLineEndings("\n"));
        var root = SettingSchema.Of(typeof(RunConfiguration));
        var listed = new HashSet<Type>();
        Table(text, [.. root.Where(s => !SettingSchema.IsSection(s.Type))], "", new RunConfiguration(), documentation);
        foreach (var section in root.Where(s => SettingSchema.IsSection(s.Type)))
        {
            Section(text, section.Type, section.Key, section.Property.GetValue(new RunConfiguration())!, documentation, listed);
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Section(StringBuilder text, Type type, string path, object defaults, XmlDocumentation documentation, HashSet<Type> listed)
    {
        text.Append("## ").Append(path).Append("\n\n").Append(documentation.Of(type)).Append("\n\n");
        var settings = SettingSchema.Of(type);
        Table(text, [.. settings.Where(s => !IsNested(s))], path + ".", defaults, documentation);
        foreach (var values in settings.Select(s => SettingSchema.ItemOf(s.Type) ?? s.Type).Where(t => t.IsEnum && listed.Add(t))) Values(text, values, documentation);
        foreach (var nested in settings.Where(IsNested))
        {
            var item = SettingSchema.ItemOf(nested.Type);
            var below = item is null ? nested.Property.GetValue(defaults)! : Activator.CreateInstance(item)!;
            Section(text, item ?? nested.Type, $"{path}.{nested.Key}{(item is null ? "" : "[]")}", below, documentation, listed);
        }
    }

    private static bool IsNested(Setting setting) => SettingSchema.IsSection(SettingSchema.ItemOf(setting.Type) ?? setting.Type);

    private static void Table(StringBuilder text, IReadOnlyList<Setting> settings, string prefix, object defaults, XmlDocumentation documentation)
    {
        if (settings.Count == 0) return;
        text.Append("| setting | type | default | range | meaning |\n|---|---|---|---|---|\n");
        foreach (var s in settings)
        {
            text.Append($"| `{prefix}{s.Key}` | {TypeName(s)} | {Default(s, defaults)} | {s.RangeText ?? ""} | {documentation.Of(s.Property).Replace("|", "\\|", StringComparison.Ordinal)}");
            if (s.ExcludedBy is { } other) text.Append($" Not beside `{prefix}{SettingSchema.SnakeCase(other)}`.");
            text.Append(" |\n");
        }
        text.Append('\n');
    }

    private static void Values(StringBuilder text, Type enumType, XmlDocumentation documentation)
    {
        var (last, names) = (text.Length, Enum.GetNames(enumType));
        foreach (var name in names) text.Append($"- `{SettingSchema.SnakeCase(name)}`: {documentation.Of(enumType, name)}\n");
        text.Insert(last, $"{documentation.Of(enumType).TrimEnd('.')}:\n\n").Append('\n');
    }

    private static string TypeName(Setting setting)
    {
        if (SettingSchema.ItemOf(setting.Type) is { } item) return "list of " + (item.IsEnum ? "names" : "whole numbers");
        if (setting.Type == typeof(IReadOnlyDictionary<string, int>)) return "whole numbers by name";
        if (setting.Type.IsEnum) return "name";
        return setting.Type == typeof(bool) ? "true or false" : setting.Type == typeof(int) ? "whole number" : setting.Type == typeof(double) ? "number" : "text";
    }

    private static string Default(Setting setting, object defaults) => setting.Property.GetValue(defaults) switch
    {
        string { Length: 0 } => "required",
        string text => $"`{text}`",
        IReadOnlyDictionary<string, int> => "`{}`",
        IList list => $"`[{string.Join(", ", list.Cast<object>().Select(Scalars.Text))}]`",
        var value => $"`{Scalars.Text(value)}`",
    };
}
