using System.Globalization;
using AgentRL.Fuzz;

FuzzOptions options;
FuzzTarget[] targets;
try
{
    options = FuzzOptions.Parse(args);
    targets = FuzzTargets.Named(options.Only);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(FuzzOptions.Usage);
    return 2;
}
var runner = new FuzzRunner(options.Seed, options.Threads);
if (options.Save is { } wanted)
{
    foreach (var target in targets)
    {
        Console.WriteLine(Keep(target, wanted));
        Console.WriteLine(target.Read(runner.Make(target, wanted), Directory.CreateTempSubdirectory("agentrl-fuzz-").FullName) ?? "accepted");
    }
    return 0;
}
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}, inputs {options.From} to {options.From + options.Inputs - 1}, {options.Threads} threads"));
Console.WriteLine(TargetReport.Header);
var failed = false;
foreach (var target in targets)
{
    var report = runner.Run(target, options.From, options.Inputs, index =>
    {
        Console.Error.WriteLine($"{target.Name}: input {index} does not come to an end; it is kept as {Keep(target, index)}");
        Environment.Exit(1);
    });
    Console.WriteLine(report.Row(target.Name));
    foreach (var failure in report.Failures) Console.Error.WriteLine($"{target.Name} #{failure.Index} ({Keep(target, failure.Index)}): {failure.Fault}");
    failed |= report.Failed > 0;
}
return failed ? 1 : 0;

string Keep(FuzzTarget target, long index)
{
    Directory.CreateDirectory(options.Failures);
    var path = Path.Combine(options.Failures, string.Create(CultureInfo.InvariantCulture, $"{target.Name}-{options.Seed}-{index}.bin"));
    File.WriteAllBytes(path, runner.Make(target, index));
    return path;
}
