using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentRL.Randomness;

namespace AgentRL.Fuzz.Mutation;

/// <summary>
/// Valid JSON that is written with faults: values of another kind, missing, repeated and renamed members, lists grown long, deep nesting, parts exchanged. The tree itself never changes.
/// </summary>
internal sealed class JsonTree
{
    private const int Longest = 1 << 16;

    private readonly List<Node> nodes = [];

    public JsonTree(string json)
    {
        using var document = JsonDocument.Parse(json);
        Take(document.RootElement);
    }

    private enum Fault
    {
        Odd,
        Other,
        Wrap,
        Omit,
        Twice,
        Rename,
        Many,
        Insert,
    }

    /// <summary>A writing with some faults.</summary>
    public string Mutate(RandomSequence random)
    {
        var faults = new Dictionary<Node, Fault>();
        for (var left = random.Few(); left > 0; left--) faults[Choose(random)] = (Fault)random.NextInt(0, 7);
        var text = new StringBuilder();
        Write(nodes[0], faults, random, text);
        return text.ToString();
    }

    /// <summary>Half of the time by a way down from the root, so that a table of thousands of entries does not draw all attention.</summary>
    private Node Choose(RandomSequence random)
    {
        if (random.NextBool(0.5)) return random.Pick(nodes);
        var at = nodes[0];
        while (at.Children.Count > 0 && random.NextBool(0.8)) at = random.Pick(at.Children).Value;
        return at;
    }

    private Node Take(JsonElement element)
    {
        var node = new Node(element.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? "" : element.GetRawText(), element.ValueKind == JsonValueKind.Object);
        nodes.Add(node);
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject()) node.Children.Add(($"\"{JsonEncodedText.Encode(member.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"", Take(member.Value)));
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) node.Children.Add(("", Take(item)));
        }
        return node;
    }

    private void Write(Node node, Dictionary<Node, Fault> faults, RandomSequence random, StringBuilder text)
    {
        if (text.Length > Longest) return;
        var isFaulty = faults.Remove(node, out var fault);
        switch (isFaulty ? fault : Fault.Omit)
        {
            case Fault.Odd: text.Append(random.Pick(OddValues.Json)); return;
            case Fault.Other: Write(random.Pick(nodes), faults, random, text); return;
            case Fault.Wrap:
                var depth = random.NextBool(0.9) ? random.NextInt(1, 3) : random.NextInt(30, 5000);
                var isList = random.NextBool(0.5);
                for (var i = 0; i < depth; i++) text.Append(isList ? "[" : "{\"a\":");
                WritePlain(node, faults, random, text, false);
                text.Append(isList ? ']' : '}', depth);
                return;
            default: WritePlain(node, faults, random, text, isFaulty && fault == Fault.Insert); return;
        }
    }

    private void WritePlain(Node node, Dictionary<Node, Fault> faults, RandomSequence random, StringBuilder text, bool inserts)
    {
        if (node.Children.Count == 0 && node.Scalar.Length > 0)
        {
            text.Append(inserts ? WithPiece(node.Scalar, random) : node.Scalar);
            return;
        }
        text.Append(node.IsObject ? '{' : '[');
        var separator = "";
        if (inserts)
        {
            text.Append(node.IsObject ? random.Pick(OddValues.Keys) + ":" : "").Append(random.Pick(OddValues.Json));
            separator = ",";
        }
        foreach (var (key, child) in node.Children)
        {
            var fault = faults.GetValueOrDefault(child, Fault.Odd);
            var copies = fault switch { Fault.Omit => 0, Fault.Twice => 2, Fault.Many => random.NextBool(0.9) ? 3 : random.NextInt(10, 1500), _ => 1 };
            for (var i = 0; i < copies && text.Length <= Longest; i++)
            {
                text.Append(separator);
                separator = ",";
                if (node.IsObject) text.Append(fault == Fault.Rename ? random.Pick(OddValues.Keys) : key).Append(':');
                Write(child, faults, random, text);
            }
        }
        text.Append(node.IsObject ? '}' : ']');
    }

    /// <summary>A text with something odd in it, a number with another digit.</summary>
    private static string WithPiece(string scalar, RandomSequence random)
    {
        if (scalar[0] != '"') return char.IsAsciiDigit(scalar[^1]) ? scalar + (char)('0' + random.NextInt(0, 9)) : scalar;
        var piece = random.Pick(OddValues.Json);
        var at = random.NextInt(1, scalar.Length - 1);
        return scalar[..at] + (piece.Length > 1 && piece[0] == '"' ? piece[1..^1] : piece.Replace("\"", "", StringComparison.Ordinal)) + scalar[at..];
    }

    /// <summary>A value: a scalar's text, or children, those of an object with names.</summary>
    private sealed class Node(string scalar, bool isObject)
    {
        public string Scalar => scalar;

        public bool IsObject => isObject;

        public List<(string Key, Node Value)> Children { get; } = [];
    }
}
