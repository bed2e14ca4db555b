using System.CommandLine;
using AgentRL.Cli.Inspect;
using AgentRL.Episodes;
using AgentRL.Training;

namespace AgentRL.Cli.Replay;

/// <summary><c>agentrl replay RUN [EPISODE…]</c>: proves the archive of a run by executing its episodes again.</summary>
internal static class ReplayCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of the run. Nothing in it is changed." };
        var episodes = new Argument<string[]>("EPISODE") { Description = "Episodes, for example train/12/3/0; all where none is named.", Arity = ArgumentArity.ZeroOrMore };
        var noLogProbs = new Option<bool>("--no-logprobs") { Description = "Do not recompute log-probabilities. Otherwise they are, of all tokens whose policy has a checkpoint." };
        var tolerance = SharedOptions.Number(
            "--tolerance", "Largest difference of a log-probability that passes. Without it the CPU engine's must be the same to the bit, others within 1e-4.", 1,
            "(a run of another processor or version may need 1e-4)");
        var workers = SharedOptions.Count("--workers", "Threads that execute episodes; one a core where absent.", 1);
        var set = SharedOptions.Set();
        set.Description = "A setting that the evaluations with --set ran under: a.b=c. Without it their episodes are left out. May be repeated.";
        var limit = SharedOptions.Count("--limit", "How many divergences to list; 20 where absent.", 1);
        var json = new Option<bool>("--json") { Description = "One JSON object, with all divergences." };
        var command = new Command("replay", "Execute a run's episodes again from their tokens, and prove that all else in its archive follows.")
        {
            run, episodes, noLogProbs, tolerance, workers, set, limit, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(ReplayRunner.Run(
            new ReplayArguments(
                parsed.GetRequiredValue(run),
                [.. (parsed.GetValue(episodes) ?? []).Select(ParseKey).Distinct()],
                !parsed.GetValue(noLogProbs),
                parsed.GetValue(tolerance),
                parsed.GetValue(workers) ?? Environment.ProcessorCount,
                parsed.GetValue(set) ?? [],
                parsed.GetValue(limit) ?? 20,
                parsed.GetValue(json)),
            context,
            cancellationToken)));
        return command;
    }

    /// <summary>Reads an episode's name.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static EpisodeKey ParseKey(string text)
    {
        try
        {
            return InspectRequest.ParseKey(text);
        }
        catch (UsageException)
        {
            throw new BadInputException($"'{SafeText.OneLine(text)}' names no episode; write phase/step/group/sample, for example train/12/3/0");
        }
    }
}

/// <summary>What <c>replay</c> was asked for.</summary>
internal sealed record ReplayArguments(
    string Run, IReadOnlyList<EpisodeKey> Episodes, bool LogProbs, double? Tolerance, int Workers, IReadOnlyList<string> Set, int Limit, bool Json);
