using AgentRL.Environments;
using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>What an episode begins with.</summary>
/// <param name="Key">Its name in the run.</param>
/// <param name="TaskId">The task's canonical id.</param>
/// <param name="SystemText">System text.</param>
/// <param name="TaskText">Task text.</param>
/// <param name="Tools">The tools, as templates render them.</param>
public sealed record EpisodeStart(EpisodeKey Key, string TaskId, string SystemText, string TaskText, IReadOnlyList<ToolDescription> Tools)
{
    /// <summary>The start of an episode in an environment.</summary>
    public static EpisodeStart In(IEnvironment environment, EpisodeKey key) =>
        new(key, environment.TaskId, environment.SystemText, environment.TaskText, [.. environment.Tools.Select(t => t.Describe())]);
}
