namespace AgentRL.Training.Configuration;

/// <summary>How the values of enums are written in configurations and on the command line: <c>BlankSummary</c> is <c>blank_summary</c>.</summary>
public static class SettingNames
{
    /// <summary>All names of an enum, in the order declared.</summary>
    public static string[] Of<TEnum>()
        where TEnum : struct, Enum => SettingSchema.NamesOf(typeof(TEnum));

    /// <summary>The name of a value.</summary>
    public static string Of(Enum value) => SettingSchema.SnakeCase(value.ToString());

    /// <summary>The value of a name; null where it is no name of the enum.</summary>
    public static TEnum? Value<TEnum>(string? name)
        where TEnum : struct, Enum
    {
        var at = Array.IndexOf(Of<TEnum>(), name);
        return at < 0 ? null : Enum.GetValues<TEnum>()[at];
    }
}
