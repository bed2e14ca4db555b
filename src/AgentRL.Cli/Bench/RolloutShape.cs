using System.Globalization;
using System.Text;

namespace AgentRL.Cli.Bench;

/// <summary>A turn as an engine sees it.</summary>
/// <param name="Kept">Leading tokens of the context that the episode's turn before has left; for its first turn, those that all episodes begin with.</param>
/// <param name="Fresh">Tokens behind them: the rest of the prompt, an observation, an instruction, or a summary carried on.</param>
/// <param name="Drawn">Tokens drawn.</param>
internal readonly record struct TurnShape(int Kept, int Fresh, int Drawn)
{
    /// <summary>Tokens of the context.</summary>
    public int Context => Kept + Fresh;
}

/// <summary>An episode's turns; those of a group have one prompt.</summary>
internal sealed record EpisodeShape(int Group, IReadOnlyList<TurnShape> Turns);

/// <summary>
/// What a step's rollouts ask of an engine, without a word of what was said. As text a line an episode: its group, then for each turn
/// <c>kept+fresh&gt;drawn</c>; lines with # are comments.
/// </summary>
internal sealed record RolloutShape(IReadOnlyList<EpisodeShape> Episodes)
{
    private const string Resource = "AgentRL.Cli.Bench.functions.shapes";

    /// <summary>Tokens drawn.</summary>
    public long Drawn => Turns.Sum(t => (long)t.Drawn);

    /// <summary>Tokens that have to be read where nothing is shared between episodes, drawn ones included.</summary>
    public long Tokens => Drawn + Turns.Sum(t => (long)t.Fresh);

    /// <summary>Number of turns.</summary>
    public int TurnCount => Turns.Count();

    /// <summary>Tokens before a drawn one, on average.</summary>
    public double AverageContext => Turns.Sum(t => (t.Drawn * (double)t.Context) + (t.Drawn * (t.Drawn - 1) / 2.0)) / Math.Max(1, Drawn);

    /// <summary>Tokens of the longest context, those drawn included.</summary>
    public int Longest => Turns.Max(t => t.Context + t.Drawn);

    private IEnumerable<TurnShape> Turns => Episodes.SelectMany(e => e.Turns);

    /// <summary>A training step of <c>functions</c> as it was recorded.</summary>
    public static RolloutShape Recorded()
    {
        using var reader = new StreamReader(typeof(RolloutShape).Assembly.GetManifestResourceStream(Resource)!);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static RolloutShape Parse(string text)
    {
        List<EpisodeShape> episodes = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('#')) continue;
            var words = line.Split(' ');
            episodes.Add(new EpisodeShape(int.Parse(words[0], CultureInfo.InvariantCulture), [.. words.Skip(1).Select(Turn)]));
        }
        return new RolloutShape(episodes);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (group, turns) in Episodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{group}");
            foreach (var t in turns) text.Append(CultureInfo.InvariantCulture, $" {t.Kept}+{t.Fresh}>{t.Drawn}");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static TurnShape Turn(string word)
    {
        var numbers = word.Split('+', '>');
        if (numbers.Length != 3) throw new FormatException($"'{word}' is no turn");
        return new TurnShape(Number(0), Number(1), Number(2));

        int Number(int index) => int.Parse(numbers[index], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
