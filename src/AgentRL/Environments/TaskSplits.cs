using AgentRL.Randomness;

namespace AgentRL.Environments;

/// <summary>Splits that are disjoint by construction: what an instance consists of names the split that it belongs to.</summary>
public static class TaskSplits
{
    /// <summary>The split of a content: a function of the text alone, each split equally likely.</summary>
    /// <param name="content">All that tells instances apart, as text.</param>
    public static TaskSplit Of(string content) => (TaskSplit)(RandomStream.Root(0, "split").Derive(content).BitsAt(0) % 3);
}
