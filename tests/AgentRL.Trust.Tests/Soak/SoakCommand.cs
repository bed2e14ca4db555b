using System.Globalization;
using System.Text.Json;

namespace AgentRL.Trust.Tests.Soak;

/// <summary>The long form: <c>soak STEPS OUTPUT</c>. Exit code 1: a fault is unaccounted for; 3: memory grew by too much.</summary>
internal static class SoakCommand
{
    private const double MostGrowth = 0.05;

    public static int Run(string[] arguments)
    {
        var steps = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var result = SoakRun.Run(steps, Math.Max(100, steps / 20), look => Console.WriteLine(look));
        File.WriteAllText(arguments[1], JsonSerializer.Serialize(result, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower }) + "\n");
        Console.WriteLine($"{result.Fatal} of {result.Calls} calls went wrong: {result.Failures.Retries} retries and {result.Failures.Total} failed episodes; resident memory grew by {result.Growth:P1}");
        return !result.IsAccountedFor ? 1 : result.Growth > MostGrowth ? 3 : 0;
    }
}
