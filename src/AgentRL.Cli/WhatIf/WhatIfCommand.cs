using System.CommandLine;
using AgentRL.Cli.Replay;
using AgentRL.Contexts;
using AgentRL.Replays;
using AgentRL.Training;
using AgentRL.Training.Counterfactuals;

namespace AgentRL.Cli.WhatIf;

/// <summary><c>agentrl what-if RUN</c>: what would have become of an episode had its memory been another.</summary>
internal static class WhatIfCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of the run. Nothing in it is changed." };
        var episode = new Argument<string?>("EPISODE") { Description = "An episode, for example eval/eval/indexed/20/160/3/0; none with --sample.", Arity = ArgumentArity.ZeroOrOne };
        var at = SharedOptions.Count("--at", "Turn (from 0) before which the memory is changed.", 0);
        var change = new Option<string?>("--change") { Description = $"What is changed: {MemoryChange.Forms}.", HelpName = "CHANGE" };
        var sample = SharedOptions.Count("--sample", "Look at so many episodes instead of one, each just after a compression.", 2);
        var changes = new Option<string?>("--changes")
        {
            Description = $"With --sample, what is changed, with commas between: {string.Join(", ", ChangeRequest.InBulk)}. All that the run's strategy has where absent.",
            HelpName = "CHANGE,…",
        };
        var phase = new Option<string?>("--phase") { Description = "With --sample, only episodes of this phase, for example train or eval/eval." };
        var continuations = SharedOptions.Count("--continuations", "Continuations from each context; 8 where absent.", 1);
        var model = new Option<string?>("--model") { Description = "The policy that goes on: a training step with a checkpoint, or a policy's folder. The newest checkpoint where absent." };
        var temperature = SharedOptions.Number("--temperature", "Sampling temperature; that of the run's rollouts where absent.", 100, "");
        var seed = SharedOptions.Count("--seed", "Names the sample and the random streams; 1 where absent.", 0);
        var json = new Option<string?>("--json") { Description = "Also write everything to this file, as JSON.", HelpName = "FILE" };
        var command = new Command("what-if", "Continue episodes from a changed memory and from the unchanged one, and compare.")
        {
            run, episode, at, change, sample, changes, phase, continuations, model, temperature, seed, json,
        };
        command.Validators.Add(result =>
        {
            var isBulk = result.GetResult(sample) is not null;
            var wrong = isBulk
                ? result.GetValue(episode) is not null || result.GetResult(at) is not null || result.GetResult(change) is not null
                : result.GetResult(changes) is not null || result.GetResult(phase) is not null;
            if (wrong) result.AddError(isBulk ? "--sample looks at many episodes: give no EPISODE, --at or --change with it (but --changes)" : "--changes and --phase need --sample");
            else if (!isBulk && (result.GetValue(episode) is null || result.GetResult(at) is null || result.GetResult(change) is null))
                result.AddError("give an EPISODE with --at and --change, or --sample");
        });
        command.SetAction((parsed, cancellationToken) => Task.FromResult(WhatIfRunner.Run(
            new WhatIfArguments(
                parsed.GetRequiredValue(run),
                parsed.GetValue(episode) is { } key ? ReplayCommand.ParseKey(key) : null,
                parsed.GetValue(at) ?? 0,
                parsed.GetValue(change) is { } text ? ChangeRequest.Parse(text, inBulk: false) : null,
                parsed.GetValue(sample) ?? 0,
                parsed.GetValue(changes)?.Split(',', StringSplitOptions.TrimEntries).Distinct().Select(c => ChangeRequest.Parse(c, inBulk: true)).ToList(),
                parsed.GetValue(phase),
                parsed.GetValue(model),
                new ContinuationOptions(parsed.GetValue(continuations) ?? 8, parsed.GetValue(seed) ?? 1, parsed.GetValue(temperature)),
                parsed.GetValue(json)),
            context,
            cancellationToken)));
        return command;
    }

    /// <summary>The changes that make sense under a strategy.</summary>
    /// <exception cref="BadInputException">None does.</exception>
    public static IReadOnlyList<ChangeRequest> ChangesOf(ContextStrategyKind strategy)
    {
        IReadOnlyList<string> names = strategy switch
        {
            ContextStrategyKind.Summary => ["blank-summary", "swap-summary", "oracle-summary"],
            ContextStrategyKind.Indexed => ["blank-summary", "swap-summary", "oracle-summary", "drop-block", "no-reads"],
            _ => throw new BadInputException($"the run's strategy is {ContextStrategies.NameOf(strategy)}: its policy writes nothing that could be changed; what-if is for summary and indexed"),
        };
        return [.. names.Select(n => ChangeRequest.Parse(n, inBulk: true))];
    }
}

/// <summary>What <c>what-if</c> was asked for.</summary>
internal sealed record WhatIfArguments(
    string Run, Episodes.EpisodeKey? Episode, int At, ChangeRequest? Change, int Sample, IReadOnlyList<ChangeRequest>? Changes, string? Phase, string? Model,
    ContinuationOptions Options, string? Json);
