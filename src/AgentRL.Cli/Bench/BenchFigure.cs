using System.Globalization;
using System.Text.Json;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Bench;

/// <summary>A measured figure.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Ratio">How many times another figure that is, or null.</param>
/// <param name="To">The other figure's name.</param>
internal sealed record BenchFigure(string Name, double Value, string Unit, double? Ratio = null, string? To = null)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public override string ToString()
    {
        var value = Value.ToString(Value < 100 ? "0.##" : "N0", CultureInfo.InvariantCulture);
        var ratio = Ratio is { } r ? string.Create(CultureInfo.InvariantCulture, $"  {r:0.00} x {To}") : "";
        return $"{Name,-44}{value,12} {Unit}{ratio}";
    }

    /// <summary>Writes figures as a JSON list.</summary>
    public static void Save(IReadOnlyList<BenchFigure> figures, string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(figures, Options) + "\n");
}
