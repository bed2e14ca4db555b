using System.Runtime.InteropServices;
using System.Text;

namespace AgentRL.Tokens;

/// <summary>
/// Learns a byte-level vocabulary: special tokens, the 256 bytes, then merges of the most frequent neighbouring pair, again and again
/// (Sennrich et al. 2016, on bytes as in GPT-2).
/// </summary>
/// <remarks>
/// Deterministic, and independent of the order of the transcripts: only counts matter, and equal counts go to the smaller left id, then the
/// smaller right id. A pair that occurs once is no pattern and is never merged.
/// </remarks>
public static class BpeTrainer
{
    private const int FewestOccurrences = 2;

    /// <summary>Trains with the special tokens of <see cref="SmallVocabulary"/>.</summary>
    public static HuggingFaceTokenizer Train(IEnumerable<string> transcripts, int vocabularySize) =>
        Train(transcripts, vocabularySize, SmallVocabulary.SpecialTokens);

    /// <summary>
    /// Trains a vocabulary of at most <paramref name="vocabularySize"/> ids. Where the transcripts run out of repeated pairs it is smaller:
    /// <see cref="ITokenizer.VocabularySize"/> of the result says what was made.
    /// </summary>
    /// <param name="transcripts">Text to learn from; special-token strings in it are cut out first.</param>
    /// <param name="vocabularySize">Ids wanted; at least the special tokens and 256 bytes. 512–1024 suits a small policy.</param>
    /// <param name="specialTokens">Ids 0, 1, 2 … in this order.</param>
    public static HuggingFaceTokenizer Train(IEnumerable<string> transcripts, int vocabularySize, IReadOnlyList<string> specialTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, specialTokens.Count + 256);
        if (specialTokens.Any(t => t.Length < 2) || specialTokens.Distinct(StringComparer.Ordinal).Count() != specialTokens.Count)
            throw new ArgumentException("Special tokens must be distinct, and longer than one character.", nameof(specialTokens));

        List<Word> words = CountPieces(transcripts, specialTokens);
        List<string> tokens = [.. specialTokens, .. Enumerable.Range(0, 256).Select(value => ByteAlphabet.ToChar((byte)value).ToString())];
        List<Merge> merges = Learn(words, tokens, vocabularySize);
        byte[] json = TokenizerJsonWriter.Write(tokens, specialTokens.Count, merges, SmallVocabulary.Split);
        return HuggingFaceTokenizer.Parse("trained tokenizer", json, TokenizerJsonWriter.WriteConfiguration(specialTokens));
    }

    /// <summary>Every distinct piece once, with how often it occurs: transcripts repeat themselves, so this is most of the speed.</summary>
    private static List<Word> CountPieces(IEnumerable<string> transcripts, IReadOnlyList<string> specialTokens)
    {
        PreSplitter splitter = new([SmallVocabulary.Split]);
        AddedTokenSplitter specials = new(specialTokens.Select((text, id) => new AddedToken(id, text, false, false)));
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string transcript in transcripts)
            foreach ((string text, AddedToken? special) in specials.Split(transcript))
                if (special is null)
                    foreach ((int start, int length) in splitter.Split(text))
                        CollectionsMarshal.GetValueRefOrAddDefault(bySpan, text.AsSpan(start, length), out _)++;
        int firstByte = specialTokens.Count;
        return [.. counts.Select(c => new Word([.. Encoding.UTF8.GetBytes(c.Key).Select(b => b + firstByte)], c.Value))];
    }

    private static List<Merge> Learn(List<Word> words, List<string> tokens, int vocabularySize)
    {
        PairTable pairs = new(words);
        Dictionary<string, int> idOfText = new(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
            idOfText[tokens[id]] = id;
        List<Merge> merges = [];
        while (tokens.Count < vocabularySize && pairs.TryTakeBest(out int left, out int right, out long count) && count >= FewestOccurrences)
        {
            // Different merges can spell one text; it keeps one id.
            string text = tokens[left] + tokens[right];
            if (!idOfText.TryGetValue(text, out int id))
            {
                id = tokens.Count;
                tokens.Add(text);
                idOfText.Add(text, id);
            }

            merges.Add(new(left, right, id));
            pairs.Apply(left, right, id);
        }

        return merges;
    }

    /// <summary>A distinct piece as symbols, with its number of occurrences.</summary>
    internal sealed class Word(int[] symbols, long count)
    {
        public int[] Symbols { get; set; } = symbols;

        public long Count { get; } = count;
    }
}
