using System.ComponentModel.DataAnnotations;
using AgentRL.Contexts;
using AgentRL.Environments;

namespace AgentRL.Training.Configuration;

/// <summary>What is measured, and when. Each point uses the same tasks and random streams.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Training steps between evaluations; 0 evaluates before and after only.</summary>
    [Range(0, 10_000_000)]
    public int Every { get; init; } = 25;

    /// <summary>Episodes of an evaluation during training.</summary>
    [Range(1, 1_000_000)]
    public int Episodes { get; init; } = 64;

    /// <summary>Episodes of each point measured after the warm start and at the end.</summary>
    [Range(1, 1_000_000)]
    public int FinalEpisodes { get; init; } = 200;

    /// <summary>Summary rounds S of the final sweep, ascending; those of training are always among them.</summary>
    [Range(0, 100_000)]
    public IReadOnlyList<int> Rounds { get; init; } = [0, 1, 2, 4, 8, 16];

    /// <summary>Splits that the final sweep runs on.</summary>
    public IReadOnlyList<TaskSplit> Splits { get; init; } = [TaskSplit.Eval, TaskSplit.Long];

    /// <summary>Sampling temperature; 0 is greedy.</summary>
    [Range(0.0, 100.0)]
    public double Temperature { get; init; }

    /// <summary>Further context strategies measured at the end at the training rounds, for example <c>blank_summary</c>.</summary>
    public IReadOnlyList<ContextStrategyKind> Contexts { get; init; } = [];
}
