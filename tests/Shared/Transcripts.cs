using System.Text;

namespace AgentRL.Environments.Testing;

/// <summary>
/// What a policy reads and writes in each environment, approved as files that the test project embeds: whoever changes a text sees it there. To approve
/// new texts, set <c>AGENTRL_APPROVE</c> to the project's folder <c>Approved</c>, run the tests, and read the difference.
/// </summary>
public static class Transcripts
{
    /// <summary>Holds the solver's first training episode against the approved file.</summary>
    /// <param name="definition">The environment.</param>
    /// <param name="rendering">How it reads.</param>
    /// <param name="tests">A type of the assembly that embeds the approved files.</param>
    public static void AreAsApproved(IEnvironmentDefinition definition, Rendering rendering, Type tests)
    {
        var name = $"{definition.Name[(definition.Name.IndexOf('/') + 1)..]}.{rendering.ToString().ToLowerInvariant()}";
        var transcript = Transcript(EnvironmentContract.Draw(definition, TaskSplit.Train, 0, rendering));
        if (Environment.GetEnvironmentVariable("AGENTRL_APPROVE") is { Length: > 0 } folder) File.WriteAllText(Path.Combine(folder, $"{name}.txt"), transcript);
        using var approved = tests.Assembly.GetManifestResourceStream(name);
        Assert.True(approved is not null, $"{name}.txt has not been approved");
        using var reader = new StreamReader(approved);
        Assert.Equal(reader.ReadToEnd(), transcript);
    }

    private static string Transcript(IEnvironment environment)
    {
        var text = new StringBuilder().Append("id      ").Append(environment.TaskId).Append("\nsystem  ").Append(environment.SystemText)
            .Append("\ntools   ").AppendJoin(' ', environment.Tools.Select(t => t.Signature)).Append("\ntask    ").Append(environment.TaskText).Append('\n');
        var solver = environment.CreateSolver();
        solver.Resume(null);
        while (!environment.Result.IsOver)
        {
            var turn = solver.NextTurn();
            var observation = environment.StepAsync(turn.Call, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            solver.Observe(observation);
            text.Append($"policy  {turn.Thought}{turn.Call.Render()}\ntool    {observation.Text}\n        # {environment.OracleState}\n");
        }
        return text.ToString();
    }
}
