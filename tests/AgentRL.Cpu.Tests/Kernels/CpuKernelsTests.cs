using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Tests.Support;
using CsCheck;

namespace AgentRL.Cpu.Tests.Kernels;

public sealed unsafe class CpuKernelsTests
{
    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Products_of_any_size_are_the_naive_ones(int width) =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 130], Gen.Int[1, 200], Gen.Int[0, 7], Gen.Int[0, 1000]).Sample((rows, inputs, outputs, kind, seed) =>
        {
            var (a, w, b, before) = (Numbers.Uniform(rows * inputs, seed), Numbers.Uniform(outputs * inputs, seed + 1), Numbers.Uniform(outputs, seed + 2), Numbers.Uniform(rows * outputs, seed + 3));
            bool bias = (kind & 1) != 0, accumulate = (kind & 2) != 0;
            using var packed = new PackedMatrix(inputs, outputs, WeightStorage.Float32, bias, (kind & 4) != 0 ? PackedMatrix.NarrowPanel : PackedMatrix.WidePanel);
            packed.Fill(w, 0);
            if (bias) packed.FillBias(b, 0);
            using var left = Numbers.Native(a);
            using var result = new NativeBuffer<float>(rows * packed.Padded);
            for (var i = 0; i < rows; i++) before.AsSpan(i * outputs, outputs).CopyTo(result.Span[(i * packed.Padded)..]);
            EachWidth.Of(width).Product(left.Pointer, inputs, rows, packed, result.Pointer, packed.Padded, accumulate);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < outputs; j++)
                {
                    var wanted = (bias ? b[j] : 0.0) + (accumulate ? before[(i * outputs) + j] : 0);
                    for (var k = 0; k < inputs; k++) wanted += (double)a[(i * inputs) + k] * w[(j * inputs) + k];
                    // Sums of up to 132 terms below 1 in float32: their rounding errors add up to some 132 · 2^−24 times the partial sums' size.
                    Assert.Equal(wanted, result.Span[(i * packed.Padded) + j], 2e-5);
                }
                for (var j = outputs; j < packed.Padded; j++) Assert.Equal(0, result.Span[(i * packed.Padded) + j]);
            }
        }, iter: 60, threads: 1);

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void A_row_has_the_same_bits_whatever_rows_are_beside_it(int width)
    {
        const int Rows = 40, Inputs = 77, Outputs = 130;
        using var packed = new PackedMatrix(Inputs, Outputs, WeightStorage.Float32);
        packed.Fill(Numbers.Uniform(Outputs * Inputs, 1), 0);
        using var a = Numbers.Native(Numbers.Uniform(Rows * Inputs, 2));
        using var alone = new NativeBuffer<float>(Rows * packed.Padded);
        for (var i = 0; i < Rows; i++) EachWidth.Of(width).Product(a.Pointer + (i * Inputs), Inputs, 1, packed, alone.Pointer + (i * packed.Padded), packed.Padded, false);
        for (var rows = 1; rows <= Rows; rows++)
        {
            using var together = new NativeBuffer<float>(rows * packed.Padded);
            EachWidth.Of(width).Product(a.Pointer, Inputs, rows, packed, together.Pointer, packed.Padded, false);
            Assert.True(together.Span.SequenceEqual(alone.Span[..together.Span.Length]), $"{rows} rows");
        }
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Weights_in_bfloat16_are_the_rounded_ones_times_exact_numbers(int width)
    {
        const int Inputs = 33, Outputs = 70, Rows = 27;
        var w = Numbers.Uniform(Outputs * Inputs, 5);
        using var narrow = new PackedMatrix(Inputs, Outputs, WeightStorage.Bfloat16);
        using var wide = new PackedMatrix(Inputs, Outputs, WeightStorage.Float32);
        narrow.Fill(w, 0);
        var rounded = w.Select(x => EightBits(x)).ToArray();
        Assert.NotEqual(w, rounded);
        wide.Fill(rounded, 0);
        using var a = Numbers.Native(Numbers.Uniform(Rows * Inputs, 6));
        using var fromNarrow = new NativeBuffer<float>(Rows * narrow.Padded);
        using var fromWide = new NativeBuffer<float>(Rows * narrow.Padded);
        for (var rows = 1; rows <= Rows; rows++)
        {
            EachWidth.Of(width).Product(a.Pointer, Inputs, rows, narrow, fromNarrow.Pointer, narrow.Padded, false);
            EachWidth.Of(width).Product(a.Pointer, Inputs, rows, wide, fromWide.Pointer, narrow.Padded, false);
            Assert.True(fromNarrow.Span.SequenceEqual(fromWide.Span), $"{rows} rows");
        }
        var column = new float[Inputs];
        fixed (float* c = column) narrow.Read(69, c);
        Assert.Equal(rounded[(69 * Inputs)..], column);
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Gates_norms_and_rotations_are_the_naive_ones(int width)
    {
        var kernels = EachWidth.Of(width);
        var (gate, up) = (Numbers.Uniform(64, 8, 30), Numbers.Uniform(64, 9));
        (gate[0], gate[1]) = (-200, 200);
        using var g = Numbers.Native(gate);
        using var u = Numbers.Native(up);
        kernels.Gate(g.Pointer, u.Pointer, 64);
        for (var i = 0; i < 64; i++) Assert.Equal(gate[i] / (1 + Math.Exp(-(double)gate[i])) * up[i], g.Span[i], 4e-6 * Math.Max(1, Math.Abs(gate[i])));
        foreach (var length in new[] { 2, 6, 16, 37, 256 })
        {
            var (x, weight) = (Numbers.Uniform(length, 10), Numbers.Uniform(length, 11));
            using var source = Numbers.Native(x);
            using var scale = Numbers.Native(weight);
            Assert.True(kernels.Normalize(source.Pointer, scale.Pointer, length, 1e-6f, source.Pointer));
            var root = Math.Sqrt(x.Average(v => (double)v * v) + 1e-6);
            for (var i = 0; i < length; i++) Assert.Equal(x[i] / root * weight[i], source.Span[i], 2e-6);
            source.Span[length - 1] = float.NaN;
            Assert.False(kernels.Normalize(source.Pointer, scale.Pointer, length, 1e-6f, source.Pointer));
            if (length % 2 != 0) continue;
            using var head = Numbers.Native(x);
            var angles = Numbers.Uniform(length / 2, 12, 3);
            using var cosines = Numbers.Native([.. angles.Select(MathF.Cos)]);
            using var sines = Numbers.Native([.. angles.Select(MathF.Sin)]);
            kernels.Rotate(head.Pointer, cosines.Pointer, sines.Pointer, length / 2);
            for (var i = 0; i < length / 2; i++)
            {
                var turned = new System.Numerics.Complex(x[i], x[i + (length / 2)]) * System.Numerics.Complex.FromPolarCoordinates(1, angles[i]);
                Assert.Equal(turned.Real, head.Span[i], 1e-6);
                Assert.Equal(turned.Imaginary, head.Span[i + (length / 2)], 1e-6);
            }
        }
    }

    /// <summary>The nearest number with eight significant bits.</summary>
    private static float EightBits(float x)
    {
        var last = MathF.ILogB(x) - 7;
        return MathF.ScaleB(MathF.Round(MathF.ScaleB(x, -last)), last);
    }
}
