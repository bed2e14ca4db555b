using System.Text;
using System.Text.RegularExpressions;

namespace AgentRL.Tokens;

/// <summary>
/// A tokenizer defined by a Hugging Face <c>tokenizer.json</c>: byte-level BPE (GPT-2, Qwen, our own vocabularies) or character BPE with
/// byte fallback (Llama). Safe to use from several threads.
/// </summary>
public sealed class HuggingFaceTokenizer : ITokenizer
{
    private const string FileName = "tokenizer.json";
    private const string ConfigurationName = "tokenizer_config.json";

    private readonly TokenizerDefinition _definition;
    private readonly SubwordModel _model;
    private readonly AddedTokenSplitter _splitter;
    private readonly Dictionary<string, int> _added;
    private readonly bool[] _isSpecial;
    private readonly byte[] _json;
    private readonly byte[]? _configuration;
    private readonly KnownTexts<int[]> _recent = new(); // each text is encoded twice: to be measured, and to be appended

    private HuggingFaceTokenizer(string file, byte[] json, byte[]? configuration)
    {
        File = file;
        _json = json;
        _configuration = configuration;
        _definition = TokenizerJsonReader.Read(file, json);
        try
        {
            _model = _definition.Spelling == ByteSpelling.ByteLevel ? new ByteLevelModel(_definition) : new ByteFallbackModel(_definition);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerException(file, "top level", "cannot be used: " + e.Message, e);
        }

        _splitter = new(_definition.Added);
        _added = _definition.Added.ToDictionary(t => t.Text, t => t.Id, StringComparer.Ordinal);
        _isSpecial = new bool[_definition.Tokens.Length];
        foreach (AddedToken token in _definition.Added)
            _isSpecial[token.Id] = true;
        Fingerprint = _definition.Fingerprint();
    }

    /// <summary>Where it comes from, for messages.</summary>
    public string File { get; }

    /// <inheritdoc/>
    public int VocabularySize => _definition.Tokens.Length;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    internal SubwordModel Model => _model;

    /// <summary>The added tokens, by id.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens => _added;

    /// <summary>Reads a <c>tokenizer.json</c>, or the one in a folder.</summary>
    /// <exception cref="TokenizerException">The file is missing, damaged, or of a kind that is not supported.</exception>
    public static HuggingFaceTokenizer Load(string folderOrFile)
    {
        string file = Directory.Exists(folderOrFile) ? Path.Combine(folderOrFile, FileName) : folderOrFile;
        string configuration = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, ConfigurationName);
        try
        {
            return new(file, System.IO.File.ReadAllBytes(file), System.IO.File.Exists(configuration) ? System.IO.File.ReadAllBytes(configuration) : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(file, "file", "cannot be read: " + e.Message, e);
        }
    }

    internal static HuggingFaceTokenizer Parse(string name, byte[] json, byte[]? configuration = null) => new(name, json, configuration);

    /// <summary>Writes <c>tokenizer.json</c>, and <c>tokenizer_config.json</c> where there is one, as they were read or trained.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        System.IO.File.WriteAllBytes(Path.Combine(folder, FileName), _json);
        if (_configuration is not null)
            System.IO.File.WriteAllBytes(Path.Combine(folder, ConfigurationName), _configuration);
    }

    /// <inheritdoc/>
    public int[] Encode(string text) => [.. EncodePlain(text)];

    /// <inheritdoc/>
    public int[] EncodeTrusted(string text)
    {
        List<int> ids = new(text.Length / 3 + 8);
        foreach ((string stretch, AddedToken? token) in _splitter.Split(text))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                ids.AddRange(EncodePlain(stretch));
        }

        return [.. ids];
    }

    /// <summary>What the model's own tool chain feeds it for a whole text: <see cref="EncodeTrusted"/> inside the file's template (such as a leading BOS).</summary>
    public int[] EncodeForModel(string text) => [.. _definition.Prefix, .. EncodeTrusted(text), .. _definition.Suffix];

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)VocabularySize, nameof(ids));
        return _model.Decode(ids);
    }

    /// <inheritdoc/>
    public bool TryGetTokenId(string token, out int id) => _added.TryGetValue(token, out id);

    /// <inheritdoc/>
    public bool IsSpecial(int id) => (uint)id < (uint)_isSpecial.Length && _isSpecial[id];

    /// <summary>Ids of a text without special tokens, shared by all who ask for it.</summary>
    private int[] EncodePlain(string given)
    {
        if (_recent.Find(given) is { } known)
            return known;
        string text = ReplaceLoneSurrogates(given);
        List<int> ids = new(text.Length / 3 + 8);
        foreach (NormalizerStep step in _definition.Normalizers)
            text = step.Apply(text);
        try
        {
            _model.Encode(text, ids);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TokenizerException(File, "pre_tokenizer", $"the expression {e.Pattern} needs more than {e.MatchTimeout.TotalSeconds} s to cut a text", e);
        }

        int[] made = [.. ids];
        _recent.Keep(given, made);
        return made;
    }

    /// <summary>Half a surrogate pair is no text: U+FFFD takes its place, as in every UTF-8 encoder.</summary>
    private static string ReplaceLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            return text;
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            clean.Append(rune.ToString());
        return clean.ToString();
    }
}
