using System.Text;
using AgentRL.Environments;
using AgentRL.Envs.Functions;
using AgentRL.Envs.Household;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;
using AgentRL.Training.Configuration;

namespace AgentRL.Fuzz.Targets;

/// <summary>Configurations: those that come with the project, and one with every setting written out, damaged.</summary>
internal sealed class Configurations : FuzzTarget
{
    private static readonly EnvironmentCatalog Catalog = new([.. FunctionEnvironments.All, .. HouseholdEnvironments.All]);

    private readonly string[] files;

    public Configurations()
    {
        var assembly = typeof(Configurations).Assembly;
        string[] own = [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith("configs/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Text)];
        var folder = Directory.CreateTempSubdirectory("agentrl-fuzz-").FullName;
        try
        {
            var path = Path.Combine(folder, "run.yaml");
            File.WriteAllText(path, own[0]);
            files = [.. own, ConfigurationWriter.Write(ConfigurationLoader.Load(path, [], Catalog))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Text(string name)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return string.Join('\n', reader.ReadToEnd().Split('\n').Where(l => !l.StartsWith('#')));
        }
    }

    public override string Name => "configurations";

    public override byte[] Make(RandomSequence random)
    {
        var file = random.Pick(files);
        if (random.NextBool(0.25)) return ByteMutator.Mutate(Encoding.UTF8.GetBytes(file), Encoding.UTF8.GetBytes(random.Pick(files)), random);
        var bytes = Encoding.UTF8.GetBytes(YamlMutator.Mutate(file, random));
        return random.NextBool(0.1) ? ByteMutator.Mutate(bytes, bytes, random) : bytes;
    }

    public override string? Read(byte[] input, string folder)
    {
        var path = Path.Combine(folder, "run.yaml");
        File.WriteAllBytes(path, input);
        try
        {
            ConfigurationLoader.LoadResolved(path, [], Catalog);
            return null;
        }
        catch (ConfigurationException e)
        {
            BrokenPromiseException.Require(
                e.Faults.Count > 0 && e.Faults.All(f => f.Line >= 1 && f.Problem.Length > 0 && f.ToString().StartsWith($"{path}:{f.Line}: ", StringComparison.Ordinal)), $"a fault without its line: {e.Message}");
            return e.Message;
        }
    }

    public override bool NamesPlace(string refusal) => refusal.Contains("run.yaml:", StringComparison.Ordinal);

    public override long Budget(byte[] input) => 40_000_000 + 500L * input.Length;
}
