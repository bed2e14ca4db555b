using AgentRL.Environments;

namespace AgentRL.Cli.Envs;

/// <summary>Prints environments: a few lines each, or all of one.</summary>
internal sealed class EnvironmentListing(CliContext context, Rendering rendering)
{
    private const int TurnsInList = 3;
    private const int TurnsInDetails = 100;

    public async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in context.Catalog.All)
        {
            var environment = Sample(definition);
            context.Heading(definition.Name);
            Line($"{definition.Description}");
            Line($"tools     {string.Join("  ", environment.Tools.Select(t => t.Signature))}");
            Line($"settings  {string.Join("  ", definition.Settings.Select(s => $"{s.Name}={s.Default}"))}");
            await WriteTranscriptAsync(environment, TurnsInList, cancellationToken);
            context.Out.WriteLine();
        }
        context.Out.WriteLine("All of one: agentrl envs NAME. Play one: agentrl play NAME#0.");
    }

    public async Task WriteDetailsAsync(IEnvironmentDefinition definition, CancellationToken cancellationToken)
    {
        var environment = Sample(definition);
        context.Heading(definition.Name);
        Line(definition.Description);
        context.Out.WriteLine();
        context.Heading("Tools");
        foreach (var tool in environment.Tools)
        {
            Line($"{tool.Signature}: {tool.Description}{(tool.ChangesState ? " Changes the state." : "")}");
            foreach (var parameter in tool.Parameters) Line($"  {parameter.Name}: {parameter.Description}{Bounds(parameter)}");
        }
        context.Out.WriteLine();
        context.Heading("Settings (default, range)");
        foreach (var setting in definition.Settings) Line($"{setting.Name} ({setting.Default}, {setting.Minimum}..{setting.Maximum}): {setting.Description}");
        context.Out.WriteLine();
        context.Heading($"Sample: {environment.TaskId}");
        Line($"system    {Indented(environment.SystemText)}");
        await WriteTranscriptAsync(environment, TurnsInDetails, cancellationToken);
    }

    private IEnvironment Sample(IEnvironmentDefinition definition) =>
        definition.Create(definition.Draw(TaskSplit.Train, 0, rendering, definition.Settings.ToDictionary(s => s.Name, s => s.Default)));

    private async Task WriteTranscriptAsync(IEnvironment environment, int turnsShown, CancellationToken cancellationToken)
    {
        Line($"task      {Indented(environment.TaskText)}");
        var turns = await SampleTranscript.PlayAsync(environment, cancellationToken);
        for (var i = 0; i < turns.Count; i++)
        {
            var isLast = i == turns.Count - 1;
            if (i == turnsShown - 1 && !isLast) Line($"…         {(turns.Count == turnsShown + 1 ? "one more turn" : $"{turns.Count - turnsShown} more turns")}");
            if (i >= turnsShown - 1 && !isLast) continue;
            Line($"policy    {Indented(turns[i].Policy)}");
            Line($"observed  {Indented(turns[i].Observation)}");
        }
        Line($"result    {(environment.Result.Solved ? "solved" : "not solved")} in {turns.Count} turns");
    }

    private static string Bounds(ToolParameter parameter) => parameter.Type != ToolParameterType.Integer
        ? " (text)"
        : parameter.Minimum == long.MinValue || parameter.Maximum == long.MaxValue ? " (whole number)" : $" ({parameter.Minimum}..{parameter.Maximum})";

    private static string Indented(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Replace("\n", Environment.NewLine + "            ", StringComparison.Ordinal);

    private void Line(string text) => context.Out.WriteLine("  " + text);
}
