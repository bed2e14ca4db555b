using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tokens;
using AgentRL.Training.Configuration;
using AgentRL.Training.WarmStarts;

namespace AgentRL.Training.Loop;

/// <summary>
/// What a run works on: its tasks, its tokenizer and template. Made and checked before anything is written, so that bad budgets leave nothing
/// behind.
/// </summary>
public sealed class RunInputs
{
    private const int PromptsChecked = 64;

    private RunInputs(RunConfiguration configuration, TaskSource tasks, HuggingFaceTokenizer tokenizer)
    {
        Configuration = configuration;
        Tasks = tasks;
        Tokenizer = tokenizer;
        Template = TemplateOf(tokenizer);
    }

    /// <summary>The settings.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>Where tasks come from.</summary>
    public TaskSource Tasks { get; }

    /// <summary>Where the tasks of demonstrations come from.</summary>
    public required TaskSource DemonstrationTasks { get; init; }

    /// <summary>The tokenizer.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>How text becomes tokens.</summary>
    public IChatTemplate Template { get; }

    /// <summary>Positions the model needs.</summary>
    public int MaximumContext => Configuration.Model.MaxContext > 0 ? Configuration.Model.MaxContext : ContextBudget.LongestContext(Configuration.Context, Template);

    /// <summary>Loads or trains the tokenizer, and checks the context budgets against real prompts.</summary>
    /// <param name="configuration">Settings, checked by themselves.</param>
    /// <param name="catalog">Known environments.</param>
    /// <param name="tokenizerFolder">A run's own tokenizer, when it goes on; null for a new run.</param>
    /// <exception cref="BadInputException">A prompt does not fit the budgets.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot be used.</exception>
    public static RunInputs Prepare(RunConfiguration configuration, EnvironmentCatalog catalog, string? tokenizerFolder)
    {
        var tasks = TasksOf(configuration, catalog);
        var tokenizer = tokenizerFolder is null ? TokenizerProvision.Provide(configuration, tasks) : HuggingFaceTokenizer.Load(tokenizerFolder);
        var demonstrated = configuration.WarmStart.Tasks is { Count: > 0 } own ? TasksOf(own, configuration, catalog) : tasks;
        var inputs = new RunInputs(configuration, tasks, tokenizer) { DemonstrationTasks = demonstrated };
        inputs.CheckBudgets();
        return inputs;
    }

    /// <summary>The tasks of a configuration.</summary>
    public static TaskSource TasksOf(RunConfiguration configuration, EnvironmentCatalog catalog) => TasksOf(configuration.Environment.Tasks, configuration, catalog);

    private static TaskSource TasksOf(IReadOnlyList<TaskOptions> tasks, RunConfiguration configuration, EnvironmentCatalog catalog) => new(
        [.. tasks.Select(t => Mix(catalog.Find(t.Name) ?? throw new BadInputException($"no environment is named {t.Name}"), t))],
        configuration.Environment.Rendering);

    private static TaskMix Mix(IEnvironmentDefinition definition, TaskOptions options) => new(
        definition, definition.Settings.ToDictionary(s => s.Name, s => options.Settings.GetValueOrDefault(s.Name, s.Default)), options.Weight);

    private static IChatTemplate TemplateOf(HuggingFaceTokenizer tokenizer)
    {
        try
        {
            return ChatTemplates.For(tokenizer);
        }
        catch (NotSupportedException e)
        {
            throw new BadInputException($"{tokenizer.File}: {e.Message}", e);
        }
    }

    private void CheckBudgets()
    {
        foreach (var split in Enum.GetValues<TaskSplit>()) CheckBudgets(Tasks, split);
        if (DemonstrationTasks != Tasks) CheckBudgets(DemonstrationTasks, TaskSplit.Train);
    }

    private void CheckBudgets(TaskSource tasks, TaskSplit split)
    {
        for (var i = 0; i < PromptsChecked; i++)
        {
            try
            {
                var environment = tasks.Create(split, i);
                var opening = EpisodeStart.In(environment, new EpisodeKey("check", 0, i, 0)).Opening(Template, Configuration.Context);
                ContextBudget.Check(environment.TaskId, opening, Template, Configuration.Context);
            }
            catch (ContextBudgetException e)
            {
                throw new BadInputException(e.Message, e);
            }
        }
    }
}
