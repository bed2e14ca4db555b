using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>Products of rows with a model's packed matrices: S has 0.85, M 4.6 million parameters.</summary>
public unsafe class ProductBenchmarks : ICounted
{
    private static readonly Dictionary<string, (int Inputs, int Outputs)> Shapes = new()
    {
        ["S.qkv"] = (128, 256),
        ["S.output"] = (128, 128),
        ["S.gate_up"] = (128, 768),
        ["S.down"] = (384, 128),
        ["S.head"] = (128, 512),
        ["M.qkv"] = (256, 512),
        ["M.output"] = (256, 256),
        ["M.gate_up"] = (256, 1408),
        ["M.down"] = (704, 256),
        ["M.head"] = (256, 512),
    };

    private PackedMatrix matrix = null!;
    private NativeBuffer<float> rows = null!, results = null!;

    public static IEnumerable<string> Matrices => Shapes.Keys;

    [ParamsSource(nameof(Matrices))]
    public string Matrix { get; set; } = "";

    [Params(1, 4, 8, 16, 24, 32)]
    public int Rows { get; set; }

    public double Operations => 2.0 * Rows * Shapes[Matrix].Inputs * Shapes[Matrix].Outputs;

    [GlobalSetup]
    public void Make()
    {
        var (inputs, outputs) = Shapes[Matrix];
        matrix = new PackedMatrix(inputs, outputs, WeightStorage.Float32);
        var numbers = new float[inputs * outputs];
        Memory.Fill(numbers);
        matrix.Fill(numbers, 0);
        rows = Memory.Numbers((long)Rows * inputs);
        results = new NativeBuffer<float>((long)Rows * matrix.Padded);
    }

    [GlobalCleanup]
    public void Free()
    {
        matrix.Dispose();
        rows.Dispose();
        results.Dispose();
    }

    [Benchmark]
    public void Product() => CpuKernels.Best.Product(rows.Pointer, matrix.Inputs, Rows, matrix, results.Pointer, matrix.Padded, accumulate: false);
}
