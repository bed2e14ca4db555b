using System.ComponentModel.DataAnnotations;
using AgentRL.Contexts;
using AgentRL.Environments;

namespace AgentRL.Training.Experiments;

/// <summary>One question put to the test (<c>sweep.yaml</c>): arms, each a configuration, times seeds, and what is measured of each run afterwards.</summary>
public sealed record ExperimentOptions
{
    /// <summary>The question, in a sentence.</summary>
    public string Question { get; init; } = "";

    /// <summary>The configuration file that arms change; relative to this file.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Settings of all arms, as for <c>--set</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>What is compared.</summary>
    public IReadOnlyList<ArmOptions> Arms { get; init; } = [];

    /// <summary>The arm that differences are to; by default the first. Arms of another configuration file are compared with the first of that file.</summary>
    public string? Reference { get; init; }

    /// <summary>Seeds, the same for all arms.</summary>
    [Range(0, int.MaxValue)]
    public IReadOnlyList<int> Seeds { get; init; } = [1, 2, 3, 4, 5];

    /// <summary>What is measured of each run after its training. The first one is the experiment's headline.</summary>
    public IReadOnlyList<MeasurementOptions> Evaluations { get; init; } = [];

    /// <summary>Counterfactuals of each run, where <c>sample</c> is above 0.</summary>
    public WhatIfOptions WhatIf { get; init; } = new();

    /// <summary>Threads of a run. The last bits of gradients depend on it: it belongs to the experiment, not to the machine.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>Runs at once; 0 is as many as there are cores for.</summary>
    [Range(0, 1024)]
    public int Parallel { get; init; }

    /// <summary>How often a run that crashed is begun again, each time from its last checkpoint.</summary>
    [Range(0, 100)]
    public int Retries { get; init; } = 1;

    /// <summary>Success in training (mean of five steps) to which time and tokens are told.</summary>
    [Range(0.0, 1.0)]
    public double Target { get; init; } = 0.8;

    /// <summary>The experiment made small: does each part work?</summary>
    public SmokeOptions Smoke { get; init; } = new();

    /// <summary>The configuration file of an arm: its own, or the experiment's.</summary>
    public string ConfigurationOf(ArmOptions arm) => arm.Configuration ?? Configuration;
}

/// <summary>An arm of an experiment.</summary>
public sealed record ArmOptions
{
    /// <summary>Its name, part of file names.</summary>
    public string Name { get; init; } = "";

    /// <summary>Another configuration file than the experiment's.</summary>
    public string? Configuration { get; init; }

    /// <summary>An arm above this one, from whose final policy (of the same seed) this arm begins instead of a warm start of its own.</summary>
    public string? Start { get; init; }

    /// <summary>Settings, as for <c>--set</c>; later than the experiment's.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];
}

/// <summary>A measurement, as <c>agentrl eval</c> makes it.</summary>
public sealed record MeasurementOptions
{
    /// <summary>Its name in tables; by default its split.</summary>
    public string Name { get; init; } = "";

    /// <summary>The tasks.</summary>
    public TaskSplit Split { get; init; } = TaskSplit.Eval;

    /// <summary>Summary rounds, ascending; those of training are always among them. Where there are none, those that the configuration evaluates at.</summary>
    [Range(0, 100_000)]
    public IReadOnlyList<int> Rounds { get; init; } = [];

    /// <summary>Episodes a point.</summary>
    [Range(1, 1_000_000)]
    public int Episodes { get; init; } = 200;

    /// <summary>Number of the first task: from 10,000 on nothing has been looked at while configurations were made.</summary>
    [Range(0, 100_000_000)]
    public int FirstTask { get; init; } = 10_000;

    /// <summary>Other context strategies to measure under, each beside the run's own; where there are none, the run's own alone.</summary>
    public IReadOnlyList<ContextStrategyKind> Contexts { get; init; } = [];

    /// <summary>Settings that differ from the run's, as for <c>--set</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>The arms that are measured; all where there are none.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [];
}

/// <summary>Counterfactuals, as <c>agentrl what-if --sample</c> makes them.</summary>
public sealed record WhatIfOptions
{
    /// <summary>Episodes looked at; 0 for none.</summary>
    [Range(0, 100_000)]
    public int Sample { get; init; }

    /// <summary>Continuations from each context.</summary>
    [Range(1, 10_000)]
    public int Continuations { get; init; } = 4;

    /// <summary>Only episodes of this phase; where absent, all.</summary>
    public string? Phase { get; init; }

    /// <summary>The arms that are looked at; all where there are none.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [];
}

/// <summary>How an experiment is made small.</summary>
public sealed record SmokeOptions
{
    /// <summary>Its seeds.</summary>
    [Range(0, int.MaxValue)]
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>Settings, later than all others.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Episodes a point of each measurement, and of counterfactuals.</summary>
    [Range(1, 1_000_000)]
    public int Episodes { get; init; } = 4;
}
