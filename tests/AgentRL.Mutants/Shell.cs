using System.Diagnostics;

namespace AgentRL.Mutants;

/// <summary>Runs programs.</summary>
internal static class Shell
{
    /// <summary>Runs a program to its end, or to a limit.</summary>
    /// <returns>Its exit code (null where the limit was reached and it was ended) and all it has written.</returns>
    public static (int? Code, string Output) Run(string program, IEnumerable<string> arguments, string folder, TimeSpan limit)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (process.WaitForExit(limit)) return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
        process.Kill(entireProcessTree: true);
        return (null, "");
    }

    /// <summary>Runs a program that must succeed.</summary>
    public static string Demand(string program, IEnumerable<string> arguments, string folder)
    {
        var (code, output) = Run(program, arguments, folder, TimeSpan.FromMinutes(10));
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed ({code}):\n{output}");
    }
}
