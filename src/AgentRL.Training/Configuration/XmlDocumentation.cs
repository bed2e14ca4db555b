using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AgentRL.Training.Configuration;

/// <summary>The doc comments of assemblies, read from the XML files that the build puts beside them, as Markdown.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, string> summaries = new(StringComparer.Ordinal);

    public XmlDocumentation(params ReadOnlySpan<Assembly> assemblies)
    {
        foreach (var assembly in assemblies)
        {
            var name = assembly.GetName().Name + ".xml";
            var path = Path.Combine(AppContext.BaseDirectory, name);
            if (!File.Exists(path)) throw new BadInputException($"{name} is missing beside the program; build it with its documentation files");
            foreach (var member in XDocument.Load(path).Descendants("member"))
            {
                if (member.Element("summary") is { } summary) summaries[(string)member.Attribute("name")!] = Markdown(summary);
            }
        }
    }

    /// <summary>Summary of a property.</summary>
    public string Of(PropertyInfo property) => summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}", "");

    /// <summary>Summary of a type.</summary>
    public string Of(Type type) => summaries.GetValueOrDefault($"T:{type.FullName}", "");

    /// <summary>Summary of an enum's value.</summary>
    public string Of(Type enumType, string value) => summaries.GetValueOrDefault($"F:{enumType.FullName}.{value}", "");

    private static string Markdown(XElement summary) => WhiteSpace().Replace(string.Concat(summary.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "see" } see => $"`{SettingSchema.SnakeCase(((string?)see.Attribute("cref") ?? "").Split('.')[^1])}`",
        XElement element => $"`{element.Value}`",
        _ => ((XText)node).Value,
    })), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
