namespace AgentRL.Training;

/// <summary>Loss or gradient was not finite too many times in a row: the run has stopped, with its weights as they were before.</summary>
/// <param name="message">Where, and what to look at.</param>
public sealed class NonFiniteException(string message) : Exception(message);
