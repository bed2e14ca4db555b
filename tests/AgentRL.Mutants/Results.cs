using System.Text;
using System.Text.Json;

namespace AgentRL.Mutants;

/// <summary>What became of a mutant.</summary>
/// <param name="Key">Names what is replaced by what.</param>
/// <param name="Name">The mutant.</param>
/// <param name="Caught">Whether a test failed.</param>
/// <param name="By">The first test that failed, <c>out of time</c>, or <c>the compiler</c>.</param>
internal sealed record Verdict(string Key, string Name, bool Caught, string By);

/// <summary>Keeps verdicts as they come, so that a run that was interrupted goes on, and makes the table.</summary>
/// <param name="folder">Where <c>mutants.jsonl</c> and <c>mutants.md</c> are.</param>
internal sealed class Results(string folder)
{
    private readonly string log = Path.Combine(folder, "mutants.jsonl");

    /// <summary>What is known already.</summary>
    public Dictionary<string, Verdict> Load() => !File.Exists(log) ? [] :
        File.ReadLines(log).Select(l => JsonSerializer.Deserialize<Verdict>(l)!).GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.Last());

    /// <summary>Adds one.</summary>
    public void Add(Verdict verdict)
    {
        Directory.CreateDirectory(folder);
        File.AppendAllText(log, JsonSerializer.Serialize(verdict) + "\n");
    }

    /// <summary>Writes the table, and a log of nothing but its rows.</summary>
    public void Report(IReadOnlyList<(Mutant Mutant, Verdict Verdict)> all)
    {
        var text = new StringBuilder($"# Mutants\n\n{all.Count(a => a.Verdict.Caught)} of {all.Count} listed mutants are caught. Made by `dotnet run -c Release --project tests/AgentRL.Mutants`; ")
            .Append("the lists are in\n`tests/AgentRL.Mutants/Mutants`. A mutant is caught by the first test that fails when its piece of the sources is replaced.\n\n")
            .Append("| mutant | file | what it breaks | caught by |\n|---|---|---|---|\n");
        foreach (var (mutant, verdict) in all)
        {
            var by = verdict.Caught ? $"`{verdict.By.Replace("AgentRL.Tests.", "", StringComparison.Ordinal)}`" : "**survived**";
            text.Append($"| {mutant.Name} | {Path.GetFileName(mutant.File)} | {mutant.Breaks} | {by} |\n");
        }
        File.WriteAllText(Path.Combine(folder, "mutants.md"), text.ToString());
        File.WriteAllLines(log, all.Select(a => JsonSerializer.Serialize(a.Verdict)));
    }
}
