using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace AgentRL.Benchmarks;

/// <summary>A case whose floating-point operations are counted.</summary>
internal interface ICounted
{
    /// <summary>Operations of a call.</summary>
    public double Operations { get; }
}

/// <summary>10^9 floating-point operations a second, for those that are counted.</summary>
internal sealed class OperationsColumn : IColumn
{
    public string Id => "GFLOP/s";

    public string ColumnName => Id;

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "10^9 floating-point operations a second on one core";

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(c => typeof(ICounted).IsAssignableFrom(c.Descriptor.Type));

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics) return "?";
        var instance = Activator.CreateInstance(benchmarkCase.Descriptor.Type);
        foreach (var parameter in benchmarkCase.Parameters.Items) benchmarkCase.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        return instance is ICounted counted ? (counted.Operations / statistics.Mean).ToString("0.0", CultureInfo.InvariantCulture) : "";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
