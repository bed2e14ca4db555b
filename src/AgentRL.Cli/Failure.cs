using System.CommandLine;
using AgentRL.Archive;
using AgentRL.Cli.Inspect;
using AgentRL.Contexts;
using AgentRL.Cpu.Models;
using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Replays;
using AgentRL.Tokens;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using AgentRL.Training;

namespace AgentRL.Cli;

/// <summary>Turns exceptions into a message and an exit code.</summary>
internal static class Failure
{
    /// <summary><c>--verbose</c>, known to every command.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Show stack traces of internal errors (as AGENTRL_DEBUG=1 does).", Recursive = true };

    /// <summary>Reports a failure on the error stream.</summary>
    public static int Report(Exception exception, CliContext context, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested) return ExitCode.Interrupted;
        // The last is a writer that failed: the disk's doing or the memory's.
        var isSystems = exception is IOException or UnauthorizedAccessException or ExperienceStoreException or StalledException or NonFiniteException
            or ArchiveException { InnerException: ArchiveException { InnerException: not null } };
        if (!isSystems && IsBadInput(exception))
        {
            context.Error.WriteLine(exception.Message);
            return ExitCode.BadInput;
        }
        context.Error.WriteLine(isSystems ? exception.Message : $"Internal error: {exception.Message}");
        if (context.ShowStackTraces) context.Error.WriteLine(exception);
        else context.Error.WriteLine("Set AGENTRL_DEBUG=1 or give --verbose for where it happened.");
        return ExitCode.Failed;
    }

    /// <summary>Failures whose message already says what is wrong with what was given.</summary>
    private static bool IsBadInput(Exception exception) => exception
        is BadInputException or TaskIdException or TaskFileException or ContextBudgetException
        or TokenizerException or SafetensorsException or ModelConfigException or WeightsException or ArchiveException or ReplayException or UsageException;
}
