using System.Security.Cryptography;
using System.Text;

namespace AgentRL.Inspector.Hosting;

/// <summary>The style sheet and the scripts, embedded in this assembly. Their addresses carry a digest, so that browsers may keep them.</summary>
internal sealed record Asset(string Name, string ContentType, string Text)
{
    public static readonly Asset Style = Load("inspector.css", "text/css; charset=utf-8");
    public static readonly Asset Theme = Load("theme.js", "text/javascript; charset=utf-8");
    public static readonly Asset Script = Load("inspector.js", "text/javascript; charset=utf-8");
    public static readonly Asset Icon = Load("icon.svg", "image/svg+xml; charset=utf-8");

    public static IReadOnlyList<Asset> All { get; } = [Style, Theme, Script, Icon];

    /// <summary>SHA-256, base64: as a Content-Security-Policy names inline scripts and styles.</summary>
    public string Digest { get; } = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>Where the server has it.</summary>
    public string Address => $"/assets/{Name}?v={Convert.ToHexStringLower(Convert.FromBase64String(Digest))[..12]}";

    private static Asset Load(string name, string contentType)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new Asset(name, contentType, reader.ReadToEnd());
    }
}
