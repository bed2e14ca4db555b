using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentRL.Tokens;

/// <summary>Helpers shared by the sections that may be one step or a <c>Sequence</c> of steps.</summary>
internal static class PipelineSection
{
    /// <summary>Real files have a handful. Each makes another copy of every text.</summary>
    private const int MostSteps = 64;

    public static IReadOnlyList<JsonCursor> Steps(JsonCursor section, string listKey)
    {
        if (section.IsNull)
            return [];
        if (section["type"].Text() != "Sequence")
            return [section];
        List<JsonCursor> steps = [.. section[listKey].Items().Take(MostSteps + 1)];
        return steps.Count <= MostSteps ? steps : throw section.At(listKey).Fault($"has more than {MostSteps} steps");
    }

    public static TokenizerException Unsupported(JsonCursor step) => step.At("type").Fault($"\"{step["type"].Text()}\" is not supported");
}

/// <summary>The <c>normalizer</c>.</summary>
internal static class NormalizerSection
{
    /// <summary>How many times as long all steps together may make a text: a file of a few replacements could otherwise ask for all memory there is.</summary>
    private const double MostGrowth = 64;

    /// <summary>The longest prefix, in characters.</summary>
    private const int LongestPrefix = 256;

    public static IReadOnlyList<NormalizerStep> Read(JsonCursor section)
    {
        List<NormalizerStep> steps = [];
        double growth = 1;
        foreach (JsonCursor at in PipelineSection.Steps(section, "normalizers"))
        {
            NormalizerStep step = ReadStep(at);
            if (step.Prefix?.Length > LongestPrefix)
                throw at.At("prepend").Fault($"is longer than {LongestPrefix} characters");
            growth *= Growth(step);
            if (growth > MostGrowth)
                throw at.Fault($"and the steps before it could make a text more than {MostGrowth} times as long");
            steps.Add(step);
        }

        return steps;
    }

    /// <summary>Unicode bounds its forms: canonical ones by 3 code units for one, compatibility ones by 18.</summary>
    private static double Growth(NormalizerStep step) => step switch
    {
        { Form: NormalizationForm.FormC or NormalizationForm.FormD } => 3,
        { Form: not null } => 18,
        { Old: { } old } => Math.Max(1, (double)step.New!.Length / old.Length),
        _ => 1,
    };

    private static NormalizerStep ReadStep(JsonCursor step) => step["type"].Text() switch
    {
        "NFC" => new(NormalizationForm.FormC, null, null, null),
        "NFD" => new(NormalizationForm.FormD, null, null, null),
        "NFKC" => new(NormalizationForm.FormKC, null, null, null),
        "NFKD" => new(NormalizationForm.FormKD, null, null, null),
        "Prepend" => new(null, step["prepend"].Text(), null, null),
        "Replace" when step["pattern"]["String"].Text() is { Length: > 0 } old => new(null, null, old, step["content"].Text()),
        _ => throw PipelineSection.Unsupported(step),
    };
}

/// <summary>The <c>pre_tokenizer</c>: expressions that cut the text, and whether tokens are spelled byte by byte.</summary>
internal sealed record PreTokenizerSection(IReadOnlyList<string> Splits, bool ByteLevel)
{
    private const string Gpt2Split = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static PreTokenizerSection Read(JsonCursor section)
    {
        List<string> splits = [];
        bool byteLevel = false;
        foreach (JsonCursor step in PipelineSection.Steps(section, "pretokenizers"))
        {
            if (byteLevel)
                throw step.Fault("follows ByteLevel, which must be last");
            switch (step["type"].Text())
            {
                case "Split":
                    splits.Add(ReadSplit(step));
                    break;
                case "ByteLevel":
                    byteLevel = true;
                    if (step.Flag("add_prefix_space", absent: true))
                        throw step.At("add_prefix_space").Fault("true is not supported");
                    if (step.Flag("use_regex", absent: true))
                        splits.Add(Gpt2Split);
                    break;
                default:
                    throw PipelineSection.Unsupported(step);
            }
        }

        return new(splits, byteLevel);
    }

    /// <summary>Longest expression, in characters; those of known tokenizers have a few hundred.</summary>
    private const int LongestSplit = 4096;

    private static string ReadSplit(JsonCursor step)
    {
        if (step["behavior"].Text() != "Isolated")
            throw step["behavior"].Fault($"\"{step["behavior"].Text()}\" is not supported, only Isolated");
        if (step.Flag("invert"))
            throw step["invert"].Fault("true is not supported");
        JsonCursor pattern = step["pattern"];
        if (pattern.Optional("String") is { IsNull: false } literal)
            return literal.Text().Length <= LongestSplit ? Regex.Escape(literal.Text()) : throw literal.Fault($"is longer than {LongestSplit} characters");
        if (pattern["Regex"].Text().Length > LongestSplit)
            throw pattern["Regex"].Fault($"is longer than {LongestSplit} characters");
        try
        {
            return new Regex(pattern["Regex"].Text(), RegexOptions.CultureInvariant).ToString();
        }
        catch (ArgumentException e)
        {
            throw pattern.At("Regex").Fault("is not an expression that .NET can read: " + e.Message, e);
        }
    }
}

/// <summary>The <c>post_processor</c>: ids around a single text.</summary>
internal static class PostProcessorSection
{
    /// <summary>Most ids around a text.</summary>
    private const int MostIds = 1024;

    public static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) Read(JsonCursor section, string?[] tokens)
    {
        List<int> prefix = [];
        List<int> suffix = [];
        foreach (JsonCursor step in PipelineSection.Steps(section, "processors"))
        {
            string type = step["type"].Text();
            if (type == "ByteLevel")
                continue;
            if (type != "TemplateProcessing")
                throw PipelineSection.Unsupported(step);
            bool afterText = false;
            foreach (JsonCursor item in step["single"].Items())
            {
                if (item.Optional("Sequence") is { IsNull: false })
                    afterText = true;
                else
                    (afterText ? suffix : prefix).AddRange(SpecialIds(step, item["SpecialToken"]["id"], tokens));
                if (prefix.Count + suffix.Count > MostIds)
                    throw item.Fault($"and those before it put more than {MostIds} ids around a text");
            }

            if (!afterText)
                throw step["single"].Fault("has no Sequence");
        }

        return (prefix, suffix);
    }

    private static List<int> SpecialIds(JsonCursor step, JsonCursor name, string?[] tokens)
    {
        List<int> ids = [];
        foreach (JsonCursor id in step["special_tokens"][name.Text()]["ids"].Items())
            ids.Add((uint)id.Number() < (uint)tokens.Length ? id.Number() : throw id.Fault($"id {id.Number()} is not in the vocabulary"));
        return ids;
    }
}

/// <summary>The <c>decoder</c>; it must be the one that undoes the spelling. Answers whether one leading space is dropped.</summary>
internal static class DecoderSection
{
    public static bool Read(JsonCursor section, ByteSpelling spelling)
    {
        bool strip = false;
        List<string> types = [];
        foreach (JsonCursor step in PipelineSection.Steps(section, "decoders"))
        {
            string type = step["type"].Text();
            types.Add(type);
            if (type == "Replace" && (step["pattern"]["String"].Text() != "▁" || step["content"].Text() != " "))
                throw step.Fault("replaces something else than ▁ by a space");
            if (type != "Strip")
                continue;
            if (step["content"].Text() != " " || step["start"].Number() is not (0 or 1) || step["stop"].Number() != 0)
                throw step.Fault("strips something else than one leading space");
            strip = step["start"].Number() == 1;
        }

        string given = string.Join(", ", types.Where(t => t != "Strip"));
        string wanted = spelling == ByteSpelling.ByteLevel ? "ByteLevel" : "Replace, ByteFallback, Fuse";
        if (given != wanted || (strip && types[^1] != "Strip"))
            throw section.Fault($"should be {wanted}, is {(section.IsNull ? "missing" : string.Join(", ", types))}");
        return strip;
    }
}
