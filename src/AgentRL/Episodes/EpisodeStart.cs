using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>What an episode begins with.</summary>
/// <param name="Key">Its name in the run.</param>
/// <param name="TaskId">The task's canonical id.</param>
/// <param name="SystemText">System text.</param>
/// <param name="TaskText">Task text.</param>
/// <param name="Tools">The environment's tools.</param>
public sealed record EpisodeStart(EpisodeKey Key, string TaskId, string SystemText, string TaskText, IReadOnlyList<ToolDescription> Tools)
{
    /// <summary>Blocks of earlier episodes that its memory begins with.</summary>
    public IReadOnlyList<ExperienceBlock> Experience { get; init; } = [];

    /// <summary>The start of an episode in an environment.</summary>
    public static EpisodeStart In(IEnvironment environment, EpisodeKey key) =>
        new(key, EnvironmentBorder.TaskId(environment.TaskId), EnvironmentBorder.Text(environment.SystemText, "the system text"), EnvironmentBorder.Text(environment.TaskText, "the task text"),
            [.. environment.Tools.Select(t => t.Describe())]);

    /// <summary>System text, tools (the memory's behind the environment's) and task, as the policy sees them.</summary>
    /// <exception cref="InvalidOperationException">The environment has a tool of a name that the memory's have.</exception>
    public IReadOnlyList<TokenPiece> Opening(IChatTemplate template, ContextOptions options)
    {
        IReadOnlyList<ToolDescription> all = [.. Tools, .. MemoryTools.For(options)];
        var twice = all.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) throw new InvalidOperationException($"{TaskId} has a tool {twice.Key}, which is the name of a memory tool.");
        return template.Opening(SystemText, options.ListTools ? all : [], TaskText);
    }

    /// <summary>Whether a tool of the environment can change its state.</summary>
    public bool ChangesState(string? tool) => Tools.Any(t => t.Name == tool && t.ChangesState);
}
