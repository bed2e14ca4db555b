using AgentRL.Mutants;

// Puts each listed fault into the library and runs the tests that must notice it: dotnet run -c Release --project tests/AgentRL.Mutants [-- [--fresh] PART-OF-A-NAME …]
// Exit code 1 if one survives. What was caught before is not tried again, unless --fresh is given; what survived is.
var root = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(root, "AgentRL.sln"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("run this inside the repository");
var mutants = Mutant.Load(Path.Combine(root, "tests", "AgentRL.Mutants", "Mutants"));
foreach (var mutant in mutants) _ = mutant.Apply(Source(mutant)); // all lists fit the sources before anything is built
var parts = args.Where(a => a != "--fresh").ToList();
var wanted = mutants.Where(m => parts.Count == 0 || parts.Exists(p => m.Name.Contains(p, StringComparison.Ordinal))).ToList();
var results = new Results(Path.Combine(root, "experiments", "trust"));
var known = results.Load();
Workshop? workshop = null;
var sound = new HashSet<string>();
foreach (var (mutant, number) in wanted.Select((m, i) => (m, i + 1)))
{
    if (args.Contains("--fresh") || known.GetValueOrDefault(mutant.Key) is not { Caught: true })
    {
        workshop ??= new Workshop(root, Path.Combine(root, "tests", "AgentRL.Mutants", "obj", "work"));
        if (sound.Add(mutant.Tests)) DemandSound(mutant);
        results.Add(known[mutant.Key] = Try(mutant));
    }
    Console.WriteLine($"{number}/{wanted.Count} {mutant.Name}: {(known[mutant.Key].Caught ? "caught by " + known[mutant.Key].By : "SURVIVED")}");
}
var all = mutants.Where(m => known.ContainsKey(m.Key)).Select(m => (Mutant: m, Verdict: known[m.Key])).ToList();
if (all.Count == mutants.Count) results.Report(all);
Console.WriteLine($"{all.Count(a => a.Verdict.Caught)} caught of {all.Count} tried of {mutants.Count} listed");
return wanted.All(m => known[m.Key].Caught) ? 0 : 1;

string Source(Mutant mutant) => File.ReadAllText(Path.Combine(root, mutant.File)).ReplaceLineEndings("\n");

// The tests must pass without a fault, compiled in the same way: otherwise everything would seem caught.
void DemandSound(Mutant mutant)
{
    if (workshop.Compile(mutant.File, Source(mutant)) is { } errors) throw new InvalidOperationException(errors);
    var (passed, failed) = workshop.Test(mutant.Tests);
    if (failed is not null) throw new InvalidOperationException($"{failed} fails without any fault");
    Console.WriteLine($"{mutant.Tests}: {passed} tests pass");
}

Verdict Try(Mutant mutant)
{
    if (workshop!.Compile(mutant.File, mutant.Apply(Source(mutant))) is { } errors) throw new InvalidOperationException($"{mutant.Name} does not compile:\n{errors}");
    var (_, failed) = workshop.Test(mutant.Tests);
    return new Verdict(mutant.Key, mutant.Name, failed is not null, failed ?? "");
}
