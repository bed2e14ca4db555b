using System.Text;

namespace AgentRL.Environments;

/// <summary>
/// What comes over from an environment, which others may have written: nothing of it may harm the run. Text is made well formed and has a greatest length; what
/// contradicts the contract is the environment's failure.
/// </summary>
public static class EnvironmentBorder
{
    /// <summary>Longest text taken over, in characters; what is longer is cut, long before any budget of tokens would keep as much.</summary>
    public const int MaximumCharacters = 1 << 18;

    /// <summary>Longest task id, in characters: a name, which is never cut.</summary>
    public const int MaximumTaskId = 1 << 16;

    /// <summary>A text that can be encoded: half surrogate pairs become U+FFFD, and what is too long ends.</summary>
    /// <exception cref="EnvironmentFaultException">There is none.</exception>
    public static string Text(string? text, string what)
    {
        if (text is null) throw new EnvironmentFaultException($"{what} is null");
        if (text.Length > MaximumCharacters) text = text[..(char.IsHighSurrogate(text[MaximumCharacters - 1]) ? MaximumCharacters - 1 : MaximumCharacters)];
        return IsWellFormed(text) ? text : Repaired(text);
    }

    /// <summary>An observation as the policy may see it.</summary>
    /// <exception cref="EnvironmentFaultException">There is none, or its status is no status.</exception>
    public static Observation Observed(Observation? observation)
    {
        if (observation is null) throw new EnvironmentFaultException("the observation is null");
        if (!Enum.IsDefined(observation.Status)) throw new EnvironmentFaultException($"the observation's status {(byte)observation.Status} is none");
        var text = Text(observation.Text, "the observation's text");
        return ReferenceEquals(text, observation.Text) ? observation : observation with { Text = text };
    }

    /// <summary>A result that may enter a baseline.</summary>
    /// <exception cref="EnvironmentFaultException">A number is none, or the reward is not in [0, 1].</exception>
    public static EnvironmentResult Result(EnvironmentResult? result)
    {
        if (result?.Parts is null) throw new EnvironmentFaultException("the result is null");
        if (!(result.Reward is >= 0 and <= 1)) throw new EnvironmentFaultException($"the reward is {result.Reward}, not in 0..1");
        foreach (var (name, value) in result.Parts)
        {
            if (!double.IsFinite(value)) throw new EnvironmentFaultException($"the reward's part {name} is {value}");
        }
        return result;
    }

    /// <summary>A task's name.</summary>
    /// <exception cref="EnvironmentFaultException">There is none, or it is no name.</exception>
    public static string TaskId(string? id) => id is null ? throw new EnvironmentFaultException("the task id is null")
        : id.Length > MaximumTaskId ? throw new EnvironmentFaultException($"the task id has {id.Length} characters, more than {MaximumTaskId}") : id;

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[++i])) return false;
        }
        return true;
    }

    private static string Repaired(string text)
    {
        var repaired = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) repaired.Append(rune.ToString()); // half a pair is enumerated as U+FFFD
        return repaired.ToString();
    }
}

/// <summary>An environment that does not keep its contract. A failure of the environment, never the policy's.</summary>
public sealed class EnvironmentFaultException : Exception
{
    /// <summary>Says what it did.</summary>
    public EnvironmentFaultException(string message)
        : base(message)
    {
    }
}
