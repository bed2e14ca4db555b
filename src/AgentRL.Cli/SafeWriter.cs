using System.Text;
using AgentRL.Cli.Inspect;

namespace AgentRL.Cli;

/// <summary>Writes lines that may hold what others wrote: a terminal must not obey the control characters in them.</summary>
internal sealed class SafeWriter(TextWriter to) : TextWriter
{
    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => to.Write(value is '\n' or '\r' ? $"{value}" : SafeText.Character(value));

    public override void Write(string? value) => WriteParts(value ?? "", to.Write);

    public override void WriteLine(string? value) => WriteParts(value ?? "", to.WriteLine);

    private static void WriteParts(string text, Action<string> write) => write(string.Join('\n', SafeText.Lines(text)));
}
