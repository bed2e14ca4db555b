using System.Text;
using AgentRL.Environments;
using AgentRL.Envs.Functions;
using AgentRL.Envs.Household;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;

namespace AgentRL.Fuzz.Targets;

/// <summary>Tasks in JSON Lines for all environments, and task ids.</summary>
internal sealed class TaskFiles : FuzzTarget
{
    private const string File = "some/tasks.jsonl";

    private static readonly EnvironmentCatalog Catalog = new([.. FunctionEnvironments.All, .. HouseholdEnvironments.All]);

    private readonly JsonTree[] tasks;
    private readonly byte[] ids;

    public TaskFiles()
    {
        var lines = new List<string>();
        var named = new List<string>();
        foreach (var definition in Catalog.All)
        {
            var settings = definition.Settings.ToDictionary(s => s.Name, s => s.Default);
            foreach (var split in Enum.GetValues<TaskSplit>())
            {
                var parameters = definition.Draw(split, 3, split == TaskSplit.Eval ? Rendering.Verbose : Rendering.Compact, settings);
                lines.Add($"{{\"id\":\"t{lines.Count}\",\"environment\":\"{definition.Name}\",\"parameters\":{parameters.ToJsonString()}{(split == TaskSplit.Eval && definition.Name != "functions/what_if" ? ",\"answer\":1" : "")}}}");
                named.Add(EnvironmentCatalog.CanonicalId(definition.Name, parameters));
            }
            named.Add($"{definition.Name}/eval#17");
        }
        tasks = [.. lines.Select(l => new JsonTree(l))];
        ids = Encoding.UTF8.GetBytes(string.Join('\n', named));
    }

    public override string Name => "tasks";

    /// <summary>Some lines; or, behind a zero, a task id.</summary>
    public override byte[] Make(RandomSequence random)
    {
        if (random.NextBool(0.1))
        {
            var all = Encoding.UTF8.GetString(ids).Split('\n');
            return [0, .. ByteMutator.Mutate(Encoding.UTF8.GetBytes(random.Pick(all)), ids, random)];
        }
        var lines = new StringBuilder();
        for (var left = random.NextInt(1, 4); left > 0; left--) lines.Append(random.Pick(tasks).Mutate(random)).Append(random.NextBool(0.9) ? "\n" : random.NextBool(0.5) ? "" : "\r\n\n");
        var bytes = Encoding.UTF8.GetBytes(lines.ToString());
        return random.NextBool(0.2) ? ByteMutator.Mutate(bytes, ids, random) : bytes;
    }

    public override string? Read(byte[] input, string folder)
    {
        try
        {
            if (input.Length > 0 && input[0] == 0)
            {
                Catalog.Create(Encoding.UTF8.GetString(input.AsSpan(1)));
                return null;
            }
            using var reader = new StreamReader(new MemoryStream(input));
            JsonLinesTasks.Load(reader, File, Catalog);
            return null;
        }
        catch (TaskIdException e)
        {
            return "task id: " + e.Message;
        }
        catch (TaskFileException e)
        {
            BrokenPromiseException.Require(e.Faults.Count > 0 && e.Faults.All(HasLine), $"a fault without its line: {e.Message}");
            return e.Message;
        }
    }

    public override bool NamesPlace(string refusal) => HasLine(refusal) || (refusal.StartsWith("task id: ", StringComparison.Ordinal) && refusal.Contains('\''));

    /// <summary>An answer is checked by playing the instance: a thousand turns, whatever the length of its line.</summary>
    public override long Budget(byte[] input) => 60_000_000 + (1_200_000_000L * Math.Sign(input.AsSpan().IndexOf("\"answer\""u8) + 1)) + 1000L * input.Length;

    private static bool HasLine(string fault) => fault.StartsWith(File + ":", StringComparison.Ordinal) && fault.Length > File.Length + 1 && char.IsAsciiDigit(fault[File.Length + 1]);
}
