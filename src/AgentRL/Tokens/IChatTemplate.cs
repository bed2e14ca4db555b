namespace AgentRL.Tokens;

/// <summary>
/// Renders a conversation incrementally into token ids. A context only ever grows by appending, so what the policy saw and sampled is
/// never decoded and encoded again.
/// </summary>
/// <remarks>
/// The order of the pieces: <see cref="Opening"/>, perhaps <see cref="CarriedSummary"/>, then per turn <see cref="GenerationPrompt"/>,
/// the sampled ids, <see cref="MissingTurnEnd"/> where the turn was cut, <see cref="AfterTurn"/>, and an <see cref="Observation"/> or
/// <see cref="Instruction"/>.
/// </remarks>
public interface IChatTemplate
{
    /// <summary>The tokenizer whose ids this template writes.</summary>
    ITokenizer Tokenizer { get; }

    /// <summary>System text, tools and task; the pieces carry <see cref="TokenKind.System"/> or <see cref="TokenKind.Task"/>.</summary>
    IReadOnlyList<TokenPiece> Opening(string systemText, IReadOnlyList<ToolDescription> tools, string taskText);

    /// <summary>What stands before each policy turn, such as <c>&lt;|im_start|&gt;assistant\n</c>.</summary>
    int[] GenerationPrompt { get; }

    /// <summary>The end-of-turn ids that a policy samples.</summary>
    IReadOnlyList<int> StopIds { get; }

    /// <summary>What follows a sampled end-of-turn id, such as <c>\n</c>.</summary>
    int[] AfterTurn { get; }

    /// <summary>Appended, not sampled and without loss, when a turn was cut before its end-of-turn id.</summary>
    int[] MissingTurnEnd { get; }

    /// <summary>A tool result as the policy sees it; <paramref name="text"/> is untrusted.</summary>
    int[] Observation(string text);

    /// <summary>An instruction from the user's side, such as the one that asks for a summary.</summary>
    int[] Instruction(string text);

    /// <summary>A summary as it is put after the task at the start of the next segment.</summary>
    int[] CarriedSummary(string text);

    /// <summary>
    /// A policy turn from text (demonstrations, people, scripts), without the generation prompt: tool-call and summary tags become their
    /// special ids, and the end-of-turn id closes it.
    /// </summary>
    int[] RenderTurn(string turnText);
}
