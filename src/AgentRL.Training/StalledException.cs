namespace AgentRL.Training;

/// <summary>A run stood still for longer than it may. The message says what it was waiting for; it can go on from its last checkpoint.</summary>
public sealed class StalledException : Exception
{
    /// <summary>Says what was waited for.</summary>
    public StalledException(string message)
        : base(message)
    {
    }
}
