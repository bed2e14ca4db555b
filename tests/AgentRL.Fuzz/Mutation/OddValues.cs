namespace AgentRL.Fuzz.Mutation;

/// <summary>Values at which parsers stumble.</summary>
internal static class OddValues
{
    /// <summary>As JSON text.</summary>
    public static readonly string[] Json =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "0.5", "1.0", "1e999", "-1e999", "1e-999", "1E5", "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "4611686018427387904", "100000000", "4000000", new('9', 400), "0." + new string('1', 400), "\"\"", "\"a\"", "\" \"", "\"\\ud800\"", "\"\\udc00x\"",
        "\"\\u0000\"", "\"\\u001b[2J\"", "\"é\u0301\U0001D400\"", "\"a b\"", "\"../../x\"", "\"/etc/hostname\"", "\"a\\u0000b\"", "\"<|im_start|>\"", "\"</tool_call>\"", "\"</think>\"", "\"{\\\"a\\\":1}\"",
        "\"" + new string('x', 3000) + "\"", "[]", "{}", "[null]", "[[]]", "[1,2,3]", "{\"\":null}", "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "NaN", "Infinity", "\"NaN\"", "01", "+1", "'a'", "",
    ];

    /// <summary>Names of members, as JSON text.</summary>
    public static readonly string[] Keys = ["\"\"", "\"a\"", "\"\\ud800\"", "\"\\u0000\"", "\"A\\nB\"", "\"type\"", "\"id\"", "\"name\"", "\"__proto__\"", "\"é\"", "\"" + new string('k', 500) + "\""];

    /// <summary>As YAML text.</summary>
    public static readonly string[] Yaml =
    [
        "", "~", "null", "true", "off", "0", "-1", "1e999", ".inf", ".nan", "0x10", "0o7", "1_000", "2147483648", new('9', 400), "''", "\"\"", "\"\\ud800\"", "\"\\U0011FFFF\"", "\"\\x00\"", "'a", "\"a", "[", "]",
        "{", "}", "[]", "{}", "[1, 2]", "[[1]]", "{a: 1}", "{a: 1, a: 2}", "{[1]: 2}", "? a", ": b", "&a", "*a", "&a [*a]", "*none", "!!int 5", "!!binary x", "!<tag:x> y", "!", "| \n  text", "> \n  text", "|9", "%YAML 9.9",
        "---", "...", "@x", "`x", "#", "a: b: c", "\t", "- - -", "<<: *a", "2024-01-01", "../../etc", "/etc/hostname", "\u001b[2J", new('x', 2000),
    ];
}
