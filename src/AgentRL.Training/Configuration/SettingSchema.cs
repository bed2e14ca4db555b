using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace AgentRL.Training.Configuration;

/// <summary>One setting of a configuration record, as reflection sees it.</summary>
internal sealed record Setting(PropertyInfo Property, string Key, bool IsNullable, RangeAttribute? Range, string? ExcludedBy)
{
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether the value is in range; for lists, each item is asked about.</summary>
    public bool Allows(object value)
    {
        if (Range is null) return true;
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        var (minimum, maximum) = Bounds(Range);
        return (Range.MinimumIsExclusive ? number > minimum : number >= minimum) && (Range.MaximumIsExclusive ? number < maximum : number <= maximum);
    }

    /// <summary>The range in words, or null.</summary>
    public string? RangeText
    {
        get
        {
            if (Range is null) return null;
            var (minimum, maximum) = Bounds(Range);
            var from = (Range.MinimumIsExclusive ? "more than " : "") + Scalars.Text(minimum);
            return Range.MinimumIsExclusive ? $"{from}, at most {Scalars.Text(maximum)}" : $"{from}..{Scalars.Text(maximum)}";
        }
    }

    private static (double Minimum, double Maximum) Bounds(RangeAttribute range) =>
        (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
}

/// <summary>Reads the settings of configuration records: the single source of keys for loader, writer and reference page.</summary>
internal static class SettingSchema
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The settings of a record, in the order declared.</summary>
    public static IReadOnlyList<Setting> Of(Type record)
    {
        lock (Nullability)
        {
            return [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => new Setting(
                p,
                SnakeCase(p.Name),
                Nullability.Create(p).WriteState == NullabilityState.Nullable,
                p.GetCustomAttribute<RangeAttribute>(),
                p.GetCustomAttribute<ExcludedByAttribute>()?.Property))];
        }
    }

    /// <summary>Every setting below a record by its full key; lists and maps count as one setting.</summary>
    public static IEnumerable<string> AllKeys(Type record, string prefix = "")
    {
        foreach (var setting in Of(record))
        {
            var key = prefix + setting.Key;
            yield return key;
            if (!IsSection(setting.Type)) continue;
            foreach (var below in AllKeys(setting.Type, key + ".")) yield return below;
        }
    }

    /// <summary>Whether a type is a nested record of settings.</summary>
    public static bool IsSection(Type type) => type is { IsClass: true, IsGenericType: false } && type != typeof(string);

    /// <summary>The item type of a list, or null.</summary>
    public static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The names of an enum's values as they are written.</summary>
    public static string[] NamesOf(Type enumType) => [.. Enum.GetNames(enumType).Select(SnakeCase)];

    /// <summary><c>MaxRounds</c> → <c>max_rounds</c>.</summary>
    public static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
