using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AgentRL.Training.Configuration;

/// <summary>Reads YAML into nodes with lines. Anchors and aliases work; tags are ignored.</summary>
internal sealed class YamlReader
{
    private const int DeepestNesting = 32;

    /// <summary>Values that a document may hold, those that aliases stand for counted each time: a few lines of aliases could otherwise stand for millions.</summary>
    private const int MostValues = 100_000;

    private readonly Parser parser;
    private readonly Func<Mark, Origin> origin;
    private readonly Dictionary<AnchorName, (YamlNode Node, int Values)> anchors = [];
    private int values;

    private YamlReader(string text, Func<Mark, Origin> origin)
    {
        parser = new Parser(new StringReader(text));
        this.origin = origin;
    }

    /// <summary>Reads one document.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="origin">What a mark in the text is reported as.</param>
    /// <returns>The root, or null for an empty document.</returns>
    /// <exception cref="YamlException">The text is no YAML, or more than one document.</exception>
    public static YamlNode? Read(string text, Func<Mark, Origin> origin)
    {
        var reader = new YamlReader(text, origin);
        try
        {
            return reader.Document();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner fails on some broken flow mappings with an exception that has no place in it.
            var last = reader.parser.Current?.End ?? Mark.Empty;
            throw new YamlException(last, last, "what comes after this cannot be read", e);
        }
    }

    private YamlNode? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _)) return null;
        parser.Consume<DocumentStart>();
        var root = Node(0);
        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out var second)) throw new YamlException(second.Start, second.End, "a second document begins here");
        return root;
    }

    private YamlNode Node(int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!anchors.TryGetValue(alias.Value, out var known)) throw new YamlException(alias.Start, alias.End, $"no anchor '{alias.Value}' comes before");
            Count(known.Values, alias);
            return known.Node;
        }
        var start = parser.Current as NodeEvent ?? throw new YamlException("the document ends too early");
        if (depth > DeepestNesting) throw new YamlException(start.Start, start.End, $"nested deeper than {DeepestNesting} levels");
        var before = values;
        Count(1, start);
        YamlNode node = start switch
        {
            Scalar => Text(),
            SequenceStart => List(depth),
            MappingStart => Section(depth),
            _ => throw new YamlException(start.Start, start.End, "this is no value"),
        };
        if (!start.Anchor.IsEmpty) anchors[start.Anchor] = (node, values - before);
        return node;
    }

    private void Count(int more, ParsingEvent at)
    {
        values += more;
        if (values > MostValues) throw new YamlException(at.Start, at.End, $"more than {MostValues} values, aliases included");
    }

    private YamlText Text()
    {
        var scalar = parser.Consume<Scalar>();
        return new YamlText(origin(scalar.Start), scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    private YamlList List(int depth)
    {
        var list = new YamlList(origin(parser.Consume<SequenceStart>().Start), []);
        while (!parser.TryConsume<SequenceEnd>(out _)) list.Items.Add(Node(depth + 1));
        return list;
    }

    private YamlSection Section(int depth)
    {
        var section = new YamlSection(origin(parser.Consume<MappingStart>().Start), []);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.Accept<Scalar>(out _)) throw new YamlException(parser.Current!.Start, parser.Current.End, "a key must be a name");
            section.Entries.Add((Text(), Node(depth + 1)));
        }
        return section;
    }
}
