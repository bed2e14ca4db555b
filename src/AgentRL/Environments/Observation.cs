namespace AgentRL.Environments;

/// <summary>What came back from a tool call.</summary>
/// <param name="Text">As the policy sees it (before any cut to the observation budget).</param>
/// <param name="Status">Whether the call was well formed.</param>
public sealed record Observation(string Text, CallStatus Status = CallStatus.Ok);

/// <summary>What became of a turn's tool call. Everything but <see cref="Ok"/> is an error observation, and counted.</summary>
public enum CallStatus : byte
{
    /// <summary>Executed.</summary>
    Ok,

    /// <summary>The turn held no tool call.</summary>
    NoCall,

    /// <summary>The call's markup or JSON could not be read.</summary>
    Malformed,

    /// <summary>No tool has that name.</summary>
    UnknownTool,

    /// <summary>An argument is missing, superfluous, of the wrong type, out of range or far too long.</summary>
    BadArguments,

    /// <summary>Well formed, but refused in the present state (for example popping an empty stack).</summary>
    Refused,
}
