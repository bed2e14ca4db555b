using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Tokens;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.WarmStarts;

namespace AgentRL.Cli.Play;

/// <summary>Does what <see cref="PlayCommand"/> was asked for.</summary>
internal static class PlayRunner
{
    /// <summary>Plays one episode with a person as the policy.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(PlayRequest request, CliContext context, CancellationToken cancellationToken)
    {
        var environment = context.Catalog.Create(request.TaskId);
        var (options, template) = Budgets(request, environment.TaskId, context);
        var start = EpisodeStart.In(environment, new EpisodeKey("play", 0, 0, 0));
        var machine = new EpisodeMachine(start, template, options);
        var person = new Person(start, options, context);
        person.Introduce();
        try
        {
            person.Conclude(await ScriptedEpisode.RunAsync(machine, new EnvironmentLink(environment), template, person, cancellationToken));
            return ExitCode.Done;
        }
        catch (GameLeftException)
        {
            context.Out.WriteLine();
            context.Out.WriteLine("You left the game before its end.");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Budgets and tokens as a policy would have them: of the configuration given, or of a small default that fits the task.</summary>
    private static (ContextOptions Options, IChatTemplate Template) Budgets(PlayRequest request, string taskId, CliContext context)
    {
        if (request.Config is not null)
        {
            var inputs = RunInputs.Prepare(ConfigurationLoader.Load(request.Config, request.Set, context.Catalog), context.Catalog, tokenizerFolder: null);
            return (inputs.Configuration.Context, inputs.Template);
        }
        var name = taskId[..taskId.IndexOf('@')];
        var configuration = PlayDefaults.For(name, request.Set, context.Catalog);
        var tokenizer = TokenizerProvision.Provide(configuration, RunInputs.TasksOf(configuration, context.Catalog));
        return (configuration.Context, ChatTemplates.For(tokenizer));
    }
}
