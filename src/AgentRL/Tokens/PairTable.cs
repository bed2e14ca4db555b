using System.Runtime.InteropServices;

namespace AgentRL.Tokens;

/// <summary>
/// How often each pair of neighbours occurs and in which words, kept up to date while pairs are merged. The heap may hold outdated counts;
/// they are corrected when they reach the top.
/// </summary>
internal sealed class PairTable
{
    private readonly List<BpeTrainer.Word> _words;
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _wordsOfPair = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _best = new();

    public PairTable(List<BpeTrainer.Word> words)
    {
        _words = words;
        for (int w = 0; w < words.Count; w++)
            AddWord(w, +1, null);
        foreach ((int Left, int Right) pair in _counts.Keys)
            Offer(pair);
    }

    /// <summary>The pair with the highest count, then the smallest ids.</summary>
    public bool TryTakeBest(out int left, out int right, out long count)
    {
        while (_best.TryDequeue(out (int Left, int Right) pair, out (long NegativeCount, int Left, int Right) offered))
        {
            count = _counts.GetValueOrDefault(pair);
            if (count == -offered.NegativeCount && count > 0)
            {
                (left, right) = pair;
                return true;
            }

            if (count > 0)
                Offer(pair);
        }

        (left, right, count) = (0, 0, 0);
        return false;
    }

    /// <summary>Replaces the pair by <paramref name="id"/> in every word, leftmost first.</summary>
    public void Apply(int left, int right, int id)
    {
        HashSet<(int Left, int Right)> grown = [];
        int[] affected = [.. _wordsOfPair[(left, right)]];
        foreach (int w in affected)
        {
            AddWord(w, -1, null);
            _words[w].Symbols = Replace(_words[w].Symbols, left, right, id);
            AddWord(w, +1, grown);
        }

        _counts.Remove((left, right));
        _wordsOfPair.Remove((left, right));
        foreach ((int Left, int Right) pair in grown)
            if (pair.Left == id || pair.Right == id)
                Offer(pair);
    }

    private static int[] Replace(int[] symbols, int left, int right, int id)
    {
        int kept = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            bool match = i + 1 < symbols.Length && symbols[i] == left && symbols[i + 1] == right;
            symbols[kept++] = match ? id : symbols[i];
            i += match ? 1 : 0;
        }

        return symbols[..kept];
    }

    private void AddWord(int w, int sign, HashSet<(int Left, int Right)>? grown)
    {
        BpeTrainer.Word word = _words[w];
        for (int i = 0; i + 1 < word.Symbols.Length; i++)
        {
            (int, int) pair = (word.Symbols[i], word.Symbols[i + 1]);
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += sign * word.Count;
            if (sign < 0)
            {
                _wordsOfPair[pair].Remove(w);
                continue;
            }

            ref HashSet<int>? owners = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsOfPair, pair, out _);
            (owners ??= []).Add(w);
            grown?.Add(pair);
        }
    }

    private void Offer((int Left, int Right) pair) => _best.Enqueue(pair, (-_counts[pair], pair.Left, pair.Right));
}
