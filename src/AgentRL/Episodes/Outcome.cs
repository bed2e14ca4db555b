namespace AgentRL.Episodes;

/// <summary>Why an episode ended. Training treats each cause differently, so there is no "other".</summary>
public enum Outcome : byte
{
    /// <summary>The policy handed in an answer; the environment judged it.</summary>
    Answered,

    /// <summary>The turn limit H (<c>max_turns</c>) was reached without an answer.</summary>
    TurnsExhausted,

    /// <summary>The working context was full and every allowed summary round S (<c>max_rounds</c>) had been used.</summary>
    RoundsExhausted,

    /// <summary>The working context W was full and the strategy has no way to make room.</summary>
    ContextExhausted,

    /// <summary>An action turn used up <c>max_turn_tokens</c> without ending.</summary>
    TurnTokensExhausted,

    /// <summary>The environment threw, or broke its contract, also after the allowed retries. Not the policy's failure.</summary>
    EnvironmentFailed,

    /// <summary>The generation engine failed, also after the allowed retries. Not the policy's failure.</summary>
    GenerationFailed,

    /// <summary>The run was interrupted. Not the policy's failure.</summary>
    Cancelled,

    // Archives hold the numbers: what is added stands behind.

    /// <summary>The environment did not come back from being made, from putting itself back or from telling its state, also after the allowed retries. Not the policy's failure.</summary>
    EnvironmentTimedOut,

    /// <summary>A tool did not answer in time, also after the allowed retries. Not the policy's failure.</summary>
    ToolTimedOut,

    /// <summary>The policy's logits ceased to be finite. No choice of the policy, and the same at each attempt.</summary>
    NumbersNotFinite,
}

/// <summary>What training needs to know of an outcome.</summary>
public static class Outcomes
{
    /// <summary>Ended without a final answer because a horizon (H or S) ran out: overlong masking applies.</summary>
    public static bool IsOverlong(this Outcome outcome) => outcome is Outcome.TurnsExhausted or Outcome.RoundsExhausted;

    /// <summary>The environment's, the engine's or the machine's failure: leaves loss, baseline and success rates.</summary>
    public static bool IsFailure(this Outcome outcome) => outcome is Outcome.EnvironmentFailed or Outcome.EnvironmentTimedOut or Outcome.ToolTimedOut
        or Outcome.GenerationFailed or Outcome.NumbersNotFinite or Outcome.Cancelled;
}
