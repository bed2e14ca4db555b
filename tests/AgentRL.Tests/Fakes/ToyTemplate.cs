using AgentRL.Tokens;

namespace AgentRL.Tests.Fakes;

/// <summary>A template in which every piece of markup has a length of its own, so that a forgotten one shows.</summary>
/// <param name="moreTokens">Texts of further tokens that a policy can sample.</param>
internal sealed class ToyTemplate(params string[] moreTokens) : IChatTemplate
{
    private readonly ToyTokenizer toy = new(moreTokens);

    public ITokenizer Tokenizer => toy;

    public int End => toy.Id("<|end|>");

    public int[] GenerationPrompt => [toy.Id("<|assistant|>")];

    public IReadOnlyList<int> StopIds => [End];

    public int[] AfterTurn => ['\n'];

    public int[] MissingTurnEnd => [End];

    public IReadOnlyList<TokenPiece> Opening(string systemText, IReadOnlyList<ToolDescription> tools, string taskText) =>
    [
        new(TokenKind.System, [toy.Id("<|system|>"), .. toy.Encode(systemText)]),
        new(TokenKind.Task, [toy.Id("<|user|>"), .. toy.Encode(taskText)]),
    ];

    public int[] Observation(string text) => [toy.Id("<|tool|>"), .. toy.Encode(text)];

    public int[] Instruction(string text) => [toy.Id("<|user|>"), .. toy.Encode(text)];

    public int[] CarriedSummary(string text) => [toy.Id("<summary>"), .. toy.Encode(text), toy.Id("</summary>")];

    public int[] RenderTurn(string turnText) => [.. toy.EncodeTrusted(turnText), End];
}
