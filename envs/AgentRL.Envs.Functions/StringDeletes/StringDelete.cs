using AgentRL.Environments;

namespace AgentRL.Envs.Functions.StringDeletes;

/// <summary>How many hidden words remain of a hidden text when some of its letters are deleted. <c>max_value</c> is the text's length.</summary>
internal sealed class StringDelete : FunctionEnvironment
{
    private const int WordLength = 3;
    private const int Letters = 4;

    private readonly string text;
    private readonly string[] words;

    public StringDelete(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        text = Draw(instance.MaxValue);
        words = [.. Enumerable.Range(0, instance.Length).Select(_ => Draw(WordLength))];

        string Draw(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.NextInt(0, Letters - 1))));
    }

    public override string TaskText => Instance.Text(Window, $"The words are numbered {Instance.From} to {Instance.To}, both included.");

    internal override string Content => $"{Window} {text} {string.Join(',', words)}";

    protected override string Title => "delete";

    protected override string Explanation => "Count the words of a list that can be made from a hidden text by deleting some of its letters without reordering the rest.";

    private string Window => $"{Instance.From}..{Instance.To}";

    protected override bool IsRight(long answer) => answer == words.Count(Remains);

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("word", "Reads a word of the list.", [Position()], changesState: false, arguments =>
        {
            var i = arguments.Integer("i");
            var word = words[i - Instance.From];
            return Say(word, $"Word number {i} reads \"{word}\".");
        });
        ToolParameter[] word = [new("word", ToolParameterType.Text, "a word", Maximum: 100)];
        yield return Tool("is_subsequence", "Tells (1 or 0) whether deletions make the word of the text.", word, changesState: false, arguments =>
        {
            var remains = Remains(arguments.Text("word")) ? 1 : 0;
            return Say($"{remains}", $"The truth value is {remains}.");
        });
        yield return Tool("char_at", "Reads a letter of the text.", [Number("i", "a position in the text", 0, text.Length - 1)], changesState: false, arguments =>
        {
            var i = arguments.Integer("i");
            return Say($"{text[(int)i]}", $"The letter at position {i} of the text reads \"{text[(int)i]}\".");
        });
    }

    protected override Observation Observe() => Say(Window, $"The words are numbered {Instance.From} to {Instance.To}.");

    protected override FunctionSolver NewSolver() => new StringDeleteSolver(Instance);

    private bool Remains(string word)
    {
        var found = 0;
        foreach (var letter in text)
        {
            if (found < word.Length && word[found] == letter) found++;
        }
        return found == word.Length;
    }
}
