namespace AgentRL.Tokens;

/// <summary>A stretch of token ids of one kind.</summary>
/// <param name="Kind">What the ids are.</param>
/// <param name="Ids">The token ids, in order.</param>
public readonly record struct TokenPiece(TokenKind Kind, int[] Ids);
