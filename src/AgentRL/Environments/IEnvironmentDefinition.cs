using System.Text.Json.Nodes;

namespace AgentRL.Environments;

/// <summary>A kind of task: draws instances of it by split and index, and makes the environment of an instance.</summary>
public interface IEnvironmentDefinition
{
    /// <summary>Family and name, for example <c>functions/scan_max</c>.</summary>
    string Name { get; }

    /// <summary>One sentence on what the policy has to do and to remember.</summary>
    string Description { get; }

    /// <summary>The difficulty settings, all whole numbers, with defaults and ranges.</summary>
    IReadOnlyList<EnvironmentSetting> Settings { get; }

    /// <summary>
    /// The parameters of an instance; they name it completely. A pure function of its arguments; instances of different splits
    /// differ by construction.
    /// </summary>
    /// <param name="split">Which split to draw from.</param>
    /// <param name="index">0-based index in the split; any non-negative number.</param>
    /// <param name="rendering">How observations read.</param>
    /// <param name="settings">Values for all of <see cref="Settings"/>, already checked.</param>
    JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings);

    /// <summary>Makes the environment of an instance.</summary>
    /// <param name="parameters">As <see cref="Draw"/> made them, possibly written by hand.</param>
    /// <exception cref="TaskIdException">The parameters do not fit: says which and what would be right.</exception>
    IEnvironment Create(JsonObject parameters);
}

/// <summary>A difficulty setting of an environment.</summary>
/// <param name="Name">Its key in the configuration.</param>
/// <param name="Default">Value when absent.</param>
/// <param name="Minimum">Smallest value allowed.</param>
/// <param name="Maximum">Largest value allowed.</param>
/// <param name="Description">What it makes harder or easier.</param>
public sealed record EnvironmentSetting(string Name, int Default, int Minimum, int Maximum, string Description);

/// <summary>The disjoint sets of task instances.</summary>
public enum TaskSplit : byte
{
    /// <summary>For warm start and reinforcement learning.</summary>
    Train,

    /// <summary>Unseen instances of the size trained on.</summary>
    Eval,

    /// <summary>Unseen instances that need several times more calls than any in <see cref="Train"/>.</summary>
    Long,
}

/// <summary>How observations and tasks read.</summary>
public enum Rendering : byte
{
    /// <summary>As few tokens as possible, for small policies.</summary>
    Compact,

    /// <summary>Natural sentences with realistic noise, for large ones.</summary>
    Verbose,
}

/// <summary>A task id or its parameters that cannot be used.</summary>
/// <param name="message">Names the id, what is wrong and what would be right.</param>
public sealed class TaskIdException(string message) : Exception(message);
