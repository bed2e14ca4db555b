using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Tests.Support;

namespace AgentRL.Cpu.Tests.Kernels;

/// <summary>The training kernels of every width against naive sums in double precision, at sizes that leave every kind of rest.</summary>
public sealed unsafe class TrainingKernelsTests
{
    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Products_and_gradients_of_weights_are_the_naive_sums(int width)
    {
        var kernels = Of(width);
        foreach (var (rows, depth, columns) in new[] { (1, 1, 16), (5, 7, 32), (6, 33, 48), (7, 16, 64), (19, 40, 112), (32, 5, 176) })
        {
            var stride = columns + 16;
            float[] a = Numbers.Uniform(rows * depth, 1), w = Numbers.Uniform(depth * stride, 2), c = Numbers.Uniform(rows * stride, 3), bias = Numbers.Uniform(columns, 4);
            using NativeBuffer<float> left = Numbers.Native(a), right = Numbers.Native(w), plain = Numbers.Native(c), added = Numbers.Native(c), constants = Numbers.Native(bias);
            kernels.Multiply(left.Pointer, depth, rows, depth, right.Pointer, stride, columns, plain.Pointer, stride, null, false);
            kernels.Multiply(left.Pointer, depth, rows, depth, right.Pointer, stride, columns, added.Pointer, stride, constants.Pointer, true);
            // Outer sums over the rows of both: here a is [depth tokens][rows].
            using NativeBuffer<float> turned = Numbers.Native([.. Enumerable.Range(0, depth * rows).Select(i => a[(i % rows * depth) + (i / rows)])]), outer = Numbers.Native(c), causal = Numbers.Native(c);
            kernels.Outer(turned.Pointer, rows, rows, right.Pointer, stride, columns, depth, outer.Pointer, stride);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < stride; j++)
                {
                    var at = (i * stride) + j;
                    var sum = j >= columns ? c[at] : Enumerable.Range(0, depth).Sum(k => (double)a[(i * depth) + k] * w[(k * stride) + j]);
                    Assert.Equal(sum, plain.Span[at], 1e-5);
                    Assert.Equal(j >= columns ? sum : sum + c[at] + bias[j], added.Span[at], 1e-5);
                    Assert.Equal(j >= columns ? sum : sum + c[at], outer.Span[at], 1e-5);
                }
            }
        }
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void A_causal_mask_leaves_out_only_zeros(int width)
    {
        const int Outputs = 23, Tokens = 30, Columns = 32;
        foreach (var lead in new[] { -9, 0, 5, 64 })
        {
            var a = Numbers.Uniform(Tokens * Outputs, 1);
            for (var i = 0; i < a.Length; i++)
            {
                if (i / Outputs < (i % Outputs) - lead) a[i] = 0;
            }
            using NativeBuffer<float> left = Numbers.Native(a), x = Numbers.Native(Numbers.Uniform(Tokens * Columns, 2)), all = new(Outputs * Columns), some = new(Outputs * Columns);
            Of(width).Outer(left.Pointer, Outputs, Outputs, x.Pointer, Columns, Columns, Tokens, all.Pointer, Columns);
            Of(width).Outer(left.Pointer, Outputs, Outputs, x.Pointer, Columns, Columns, Tokens, some.Pointer, Columns, lead);
            Assert.Equal(all.Span.ToArray(), some.Span.ToArray());
        }
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Blocks_are_turned_round(int width)
    {
        const int Columns = 32, Stride = 48;
        foreach (var rows in new[] { 1, 4, 30, 64 })
        {
            var x = Numbers.Uniform((rows + 3) * Stride, 1);
            using NativeBuffer<float> source = Numbers.Native(x), target = new(Columns * 64);
            Of(width).Transpose(source.Pointer, Stride, rows, Columns, target.Pointer);
            for (var i = 0; i < rows * Columns; i++) Assert.Equal(x[(i / Columns * Stride) + (i % Columns)], target.Span[(i % Columns * 64) + (i / Columns)]);
        }
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Gradients_of_norms_and_gates_are_finite_differences(int width)
    {
        const int Length = 32, Size = 29;
        const double Step = 1e-5;
        var kernels = Of(width);
        float[] x = Padded(1, 1.5f), weight = Padded(2, 1), dy = Padded(3, 1);
        using NativeBuffer<float> input = Numbers.Native(x), scale = Numbers.Native(weight), back = Numbers.Native(dy), dx = new(Length), dw = new(Length);
        var root = kernels.InverseRoot(input.Pointer, Length, Size, 1e-3f);
        kernels.NormalizeGradient(input.Pointer, scale.Pointer, Length, Size, root, back.Pointer, dx.Pointer, true, dw.Pointer);
        using NativeBuffer<float> gate = Numbers.Native(x), up = Numbers.Native(weight), y = new(Length), again = new(Length), dgate = new(Length), dup = new(Length);
        kernels.Gate(gate.Pointer, up.Pointer, Length, y.Pointer);
        kernels.GateGradient(gate.Pointer, up.Pointer, back.Pointer, Length, again.Pointer, dgate.Pointer, dup.Pointer);
        Assert.Equal(y.Span.ToArray(), again.Span.ToArray());
        for (var i = 0; i < Size; i++)
        {
            // Central differences in double precision are exact to 1e-9; the tolerance is float32's, of sums of 29 terms.
            Assert.Equal((Norm(i, Step, x, weight) - Norm(i, -Step, x, weight)) / (2 * Step), dx.Span[i], 1e-5);
            Assert.Equal((Norm(i, Step, weight, x) - Norm(i, -Step, weight, x)) / (2 * Step), dw.Span[i], 1e-5);
            Assert.Equal((Silu(x[i] + Step) - Silu(x[i] - Step)) / (2 * Step) * weight[i] * dy[i], dgate.Span[i], 1e-6);
            Assert.Equal(Silu(x[i]) * dy[i], dup.Span[i], 1e-6);
        }
        Assert.All(dx.Span[Size..].ToArray().Concat(dw.Span[Size..].ToArray()).Concat(dgate.Span[Size..].ToArray()), v => Assert.Equal(0, v));

        double Norm(int index, double by, float[] moved, float[] other)
        {
            double[] m = [.. moved.Select((v, i) => i == index ? v + by : v)];
            var squares = Enumerable.Range(0, Size).Sum(i => moved == x ? m[i] * m[i] : (double)other[i] * other[i]);
            return Enumerable.Range(0, Size).Sum(i => m[i] * other[i] * dy[i]) / Math.Sqrt((squares / Size) + 1e-3);
        }

        static double Silu(double v) => v / (1 + Math.Exp(-v));

        static float[] Padded(long seed, float scale) => [.. Numbers.Uniform(Size, seed, scale), .. new float[Length - Size]];
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Rotating_back_undoes_a_rotation(int width)
    {
        foreach (var half in new[] { 3, 8, 16, 40 })
        {
            const int Heads = 3;
            var (stride, angles) = ((2 * half) + 5, Numbers.Uniform(half, 2, 3));
            var x = Numbers.Uniform(Heads * stride, 1);
            using NativeBuffer<float> heads = Numbers.Native(x), cosines = Numbers.Native([.. angles.Select(MathF.Cos)]), sines = Numbers.Native([.. angles.Select(MathF.Sin)]);
            Of(width).Rotate(heads.Pointer, Heads, stride, cosines.Pointer, sines.Pointer, half, 1);
            for (var i = 0; i < x.Length; i++)
            {
                var (at, place) = (i % stride, i % stride % half);
                var wanted = at >= 2 * half ? x[i] : at < half ? (x[i] * cosines.Span[place]) - (x[i + half] * sines.Span[place]) : (x[i] * cosines.Span[place]) + (x[i - half] * sines.Span[place]);
                Assert.Equal(wanted, heads.Span[i], 1e-6);
            }
            Of(width).Rotate(heads.Pointer, Heads, stride, cosines.Pointer, sines.Pointer, half, -1);
            for (var i = 0; i < x.Length; i++) Assert.Equal(x[i], heads.Span[i], 1e-6);
        }
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void Gradients_of_logits_are_those_of_log_probability_and_entropy(int width)
    {
        const int Length = 48;
        const float Scale = 1.25f, Slope = 0.7f, EntropySlope = -0.4f;
        const double Step = 1e-5;
        double[] z = [.. Numbers.Uniform(Length, 1, 4).Select(v => (double)v)];
        using var logits = Numbers.Native([.. z.Select(v => (float)v)]);
        var (largest, sum, weighted) = Of(width).LogitSums(logits.Pointer, Length, Scale);
        var (logSum, entropy) = (largest + MathF.Log(sum), MathF.Log(sum) - (weighted / sum));
        Assert.Equal(LogSum(z), logSum, 1e-6);
        Assert.Equal(Entropy(z), entropy, 1e-6);
        Of(width).LogitGradient(logits.Pointer, Length, Scale, logSum, Slope, EntropySlope, entropy);
        for (var i = 0; i < Length; i++)
        {
            double[] more = [.. z.Select((v, k) => k == i ? v + Step : v)], less = [.. z.Select((v, k) => k == i ? v - Step : v)];
            var wanted = ((Slope * (LogSum(less) - LogSum(more))) + (EntropySlope * (Entropy(more) - Entropy(less)))) / (2 * Step);
            Assert.Equal(wanted, logits.Span[i], 1e-6);
        }

        static double LogSum(double[] z) => Math.Log(z.Sum(v => Math.Exp(Scale * v)));

        static double Entropy(double[] z) => -z.Sum(v => Math.Exp((Scale * v) - LogSum(z)) * ((Scale * v) - LogSum(z)));
    }

    [Theory]
    [ClassData(typeof(EachWidth))]
    public void What_a_row_does_not_see_has_no_probability_and_no_gradient(int width)
    {
        const int Length = 64, Visible = 21;
        float[] scores = Numbers.Uniform(Length, 1, 5), dp = Numbers.Uniform(Length, 2);
        (scores[40], dp[41]) = (float.NaN, float.NaN); // what an earlier block has left
        using NativeBuffer<float> s = Numbers.Native(scores), p = Numbers.Native(scores), d = Numbers.Native(dp);
        var (logSum, inverse) = Of(width).Soften(s.Pointer, Visible, Length);
        Of(width).SoftenGradient(p.Pointer, d.Pointer, Visible, Length, logSum, 0.3f);
        for (var i = 0; i < Length; i++)
        {
            var wanted = i < Visible ? Math.Exp(scores[i]) / scores.Take(Visible).Sum(v => Math.Exp(v)) : 0;
            Assert.Equal(wanted, s.Span[i] * inverse, 1e-6);
            Assert.Equal(wanted, p.Span[i], 1e-6);
            Assert.Equal(i < Visible ? wanted * (dp[i] - 0.3) : 0, d.Span[i], 1e-6);
        }
    }

    private static TrainingKernels Of(int width) => TrainingKernels.Available.First(k => k.Width == width);
}
