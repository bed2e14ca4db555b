using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Tokens;

namespace AgentRL.Inspector;

/// <summary>What the inspector shows, and what it needs to know of it.</summary>
public sealed record InspectorOptions
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>Loads a <c>tokenizer.json</c>; what it throws is told on the page, and token ids are shown instead of text.</summary>
    public required Func<string, ITokenizer> LoadTokenizer { get; init; }

    /// <summary>The run's context settings, for budgets in the timeline; null where they are not known.</summary>
    public ContextOptions? Context { get; init; }

    /// <summary>How the run turned episodes into gradients, for the shares of the gradient.</summary>
    public AlgorithmOptions Algorithm { get; init; } = new();

    /// <summary>TCP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The clock: says whether the log's incomplete end is a writer at work.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told of faults of the inspector itself; the page says that there was one.</summary>
    public Action<Exception>? Failed { get; init; }
}
