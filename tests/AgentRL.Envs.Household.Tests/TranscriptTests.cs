using System.Text;
using AgentRL.Environments;
using AgentRL.Environments.Testing;

namespace AgentRL.Envs.Household.Tests;

/// <summary>
/// What a policy reads and writes in each task, approved as files: whoever changes a text sees it here. To approve new texts, set
/// <c>AGENTRL_APPROVE</c> to the folder <c>Approved</c> of this project, run the tests, and read the difference.
/// </summary>
public sealed class TranscriptTests
{
    public static TheoryData<string, Rendering> Cases => ContractTests.Renderings;

    [Theory, MemberData(nameof(Cases))]
    public void Texts_are_as_approved(string task, Rendering rendering)
    {
        var definition = HouseholdEnvironments.All.Single(d => d.Name == task);
        var name = $"{task[(task.IndexOf('/') + 1)..]}.{rendering.ToString().ToLowerInvariant()}";
        var transcript = Transcript(EnvironmentContract.Draw(definition, TaskSplit.Train, 0, rendering));
        if (Environment.GetEnvironmentVariable("AGENTRL_APPROVE") is { Length: > 0 } folder) File.WriteAllText(Path.Combine(folder, $"{name}.txt"), transcript);
        using var approved = typeof(TranscriptTests).Assembly.GetManifestResourceStream(name);
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
