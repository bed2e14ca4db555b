namespace AgentRL.Training;

/// <summary>
/// What the user gave cannot be used: a setting, a path, a name. The message says what is wrong and what would be right, and is
/// all that the command line prints (exit code 2).
/// </summary>
public class BadInputException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong and what would be right.</param>
    /// <param name="inner">What noticed it.</param>
    public BadInputException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
