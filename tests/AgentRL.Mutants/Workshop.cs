using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentRL.Mutants;

/// <summary>
/// A copy of the built tests in which the library can be exchanged: a mutant is one run of the compiler with one file replaced (the arguments are the build's own), and
/// the sources stay as they are.
/// </summary>
internal sealed partial class Workshop
{
    private const string Exact = "AgentRL.Tests.Credit.Exact";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly string root, folder, compiler;
    private readonly IReadOnlyList<string> arguments;

    /// <summary>Builds the tests and copies them.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="folder">Where to work; emptied.</param>
    public Workshop(string root, string folder)
    {
        (this.root, this.folder) = (root, folder);
        Shell.Demand("dotnet", ["build", "tests/AgentRL.Tests", "-c", "Release", "-nologo", "-v", "q", "-m:1", "-nodeReuse:false"], root);
        arguments = CompilerArguments(root);
        compiler = Path.Combine(SdkFolder(root), "Roslyn", "bincore", "csc.dll");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var built = Path.Combine(root, "tests", "AgentRL.Tests", "bin", "Release", "net10.0");
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Compiles the library with one file replaced.</summary>
    /// <returns>The compiler's errors; null where there are none.</returns>
    public string? Compile(string file, string text)
    {
        var mutated = Path.Combine(folder, "Mutated.cs");
        File.WriteAllText(mutated, text);
        var output = Path.Combine(folder, "AgentRL.dll");
        File.Delete(output);
        var source = Path.GetFullPath(Path.Combine(root, file));
        var replaced = 0;
        List<string> own = [];
        foreach (var argument in arguments)
        {
            // Warnings and rules of style do not count, and nothing but the assembly is wanted; the paths are relative to the project.
            if (Dropped().IsMatch(argument)) continue;
            var isSource = !argument.StartsWith('/') || File.Exists(argument);
            if (isSource && Path.GetFullPath(argument, Path.Combine(root, "src", "AgentRL")) == source)
            {
                replaced++;
                own.Add(Quoted(mutated));
            }
            else
            {
                own.Add(isSource ? Quoted(argument) : argument);
            }
        }
        if (replaced != 1) throw new InvalidOperationException($"{file} is not compiled into the library");
        var response = Path.Combine(folder, "csc.rsp");
        File.WriteAllLines(response, [.. own, $"/out:{Quoted(output)}", "/debug-", "/nologo"]);
        var (code, messages) = Shell.Run("dotnet", ["exec", compiler, "/noconfig", $"@{response}"], Path.Combine(root, "src", "AgentRL"), Limit);
        return code == 0 ? null : messages;
    }

    /// <summary>Runs tests until the first failure: the quick ones first, then those that count every case.</summary>
    /// <param name="tests">Parts of their names.</param>
    /// <returns>How many passed, and the first that failed; <c>out of time</c> where they did not end.</returns>
    public (int Passed, string? Failed) Test(string tests)
    {
        var names = tests.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var quick = Run($"({string.Join('|', names.Select(t => $"FullyQualifiedName~{t}"))})&FullyQualifiedName!~{Exact}&Category!=Slow");
        if (quick.Failed is not null || !names.Any(n => Exact.StartsWith(n, StringComparison.Ordinal))) return quick;
        var exact = Run($"FullyQualifiedName~{Exact}");
        return (quick.Passed + exact.Passed, exact.Failed);
    }

    private (int Passed, string? Failed) Run(string filter)
    {
        var (code, output) = Shell.Run("dotnet", ["vstest", "AgentRL.Tests.dll", $"--TestCaseFilter:{filter}", "--", "xUnit.StopOnFail=true"], folder, Limit);
        if (code is null) return (0, "out of time");
        var passed = Passed().Match(output) is { Success: true } match ? int.Parse(match.Groups[1].Value) : 0;
        if (code == 0) return passed > 0 ? (passed, null) : throw new InvalidOperationException($"no test matches {filter}:\n{output}");
        return Failed().Match(output) is { Success: true } failed
            ? (passed, failed.Groups[1].Value + failed.Groups[2].Value)
            : throw new InvalidOperationException($"the test host broke down:\n{output}");
    }

    private static string Quoted(string path) => $"\"{path}\"";

    private static IReadOnlyList<string> CompilerArguments(string root)
    {
        var json = Shell.Demand("dotnet",
            ["msbuild", "src/AgentRL/AgentRL.csproj", "-nologo", "-t:Compile", "-p:Configuration=Release", "-p:ProvideCommandLineArgs=true", "-p:SkipCompilerExecution=true",
            "-p:NonExistentFile=none/none", "-getItem:CscCommandLineArgs", "-nodeReuse:false"], root);
        using var items = JsonDocument.Parse(json[json.IndexOf('{')..]);
        return [.. items.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray().Select(i => i.GetProperty("Identity").GetString()!)];
    }

    private static string SdkFolder(string root)
    {
        var version = Shell.Demand("dotnet", ["--version"], root).Trim();
        var line = Shell.Demand("dotnet", ["--list-sdks"], root).Split('\n').First(l => l.StartsWith(version + " ", StringComparison.Ordinal));
        return Path.Combine(line[(line.IndexOf('[') + 1)..line.IndexOf(']')], version);
    }

    [GeneratedRegex("^/(out|refout|pdb|doc|debug|analyzerconfig|warnaserror|analyzer|additionalfile|reportanalyzer|errorlog|sourcelink|embed)([:+-]|$)")]
    private static partial Regex Dropped();

    [GeneratedRegex(@"Passed: +(\d+)")]
    private static partial Regex Passed();

    [GeneratedRegex(@"^\s*Failed (AgentRL\.[\w.]+)|\]\s+(AgentRL\.[\w.]+).* \[FAIL\]", RegexOptions.Multiline)]
    private static partial Regex Failed();
}
