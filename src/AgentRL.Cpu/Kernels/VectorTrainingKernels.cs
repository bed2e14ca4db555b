using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AgentRL.Cpu.Kernels;

/// <summary>The training kernels over one width of registers: vectors here, matrices and distributions in the other parts.</summary>
/// <typeparam name="L">The width.</typeparam>
/// <typeparam name="V">Its vectors.</typeparam>
/// <typeparam name="C">Vectors of columns of a register tile: as many as leave room for six rows of sums.</typeparam>
internal sealed unsafe partial class VectorTrainingKernels<L, V, C> : TrainingKernels
    where L : struct, ILanes<V>
    where V : struct
    where C : struct, ICount
{
    private const int Panel = PackedMatrix.WidePanel;

    public override int Width => L.Width;

    public override void Sum(float* a, nint lda, int tokens, int columns, float* sums)
    {
        for (var i = 0; i < columns; i += L.Width)
        {
            var sum = L.Zero;
            for (var t = 0; t < tokens; t++) sum = L.Add(sum, L.Load(a + (t * lda) + i));
            L.Store(L.Add(L.Load(sums + i), sum), sums + i);
        }
    }

    public override void Add(float* source, nint lds, int rows, int length, float* target, nint ldt)
    {
        for (var row = 0; row < rows; row++, source += lds, target += ldt)
        {
            for (var i = 0; i < length; i += L.Width) L.Store(L.Add(L.Load(target + i), L.Load(source + i)), target + i);
        }
    }

    public override void Scale(float* source, nint lds, int rows, int length, float factor, float* target, nint ldt)
    {
        var f = L.All(factor);
        for (var row = 0; row < rows; row++, source += lds, target += ldt)
        {
            for (var i = 0; i < length; i += L.Width) L.Store(L.Multiply(L.Load(source + i), f), target + i);
        }
    }

    public override void Dot(float* a, nint lda, float* b, nint ldb, int rows, int length, float* sums)
    {
        for (var row = 0; row < rows; row++, a += lda, b += ldb) sums[row] = Dot(a, b, length);
    }

    public override float InverseRoot(float* x, int length, int size, float epsilon) => 1 / MathF.Sqrt((Dot(x, x, length) / size) + epsilon);

    public override void Normalize(float* x, float* weight, int length, float factor, float* y)
    {
        var f = L.All(factor);
        for (var i = 0; i < length; i += L.Width) L.Store(L.Multiply(L.Multiply(L.Load(x + i), f), L.Load(weight + i)), y + i);
    }

    public override void NormalizeGradient(float* x, float* weight, int length, int size, float r, float* dy, float* dx, bool accumulate, float* dw)
    {
        V sum = L.Zero, f = L.All(r);
        for (var i = 0; i < length; i += L.Width)
        {
            V v = L.Load(x + i), d = L.Load(dy + i);
            sum = L.MultiplyAdd(L.Multiply(d, L.Load(weight + i)), v, sum);
            L.Store(L.MultiplyAdd(d, L.Multiply(v, f), L.Load(dw + i)), dw + i);
        }
        var back = L.All(-L.Sum(sum) * r * r * r / size);
        for (var i = 0; i < length; i += L.Width)
        {
            var d = L.MultiplyAdd(L.Multiply(L.Load(dy + i), L.Load(weight + i)), f, L.Multiply(L.Load(x + i), back));
            L.Store(accumulate ? L.Add(L.Load(dx + i), d) : d, dx + i);
        }
    }

    public override void Rotate(float* head, int heads, nint stride, float* cosines, float* sines, int half, float direction)
    {
        var sign = L.All(direction);
        for (var n = 0; n < heads; n++, head += stride)
        {
            var i = 0;
            for (; i <= half - L.Width; i += L.Width)
            {
                V a = L.Load(head + i), b = L.Load(head + half + i), c = L.Load(cosines + i), s = L.Multiply(L.Load(sines + i), sign);
                L.Store(L.Subtract(L.Multiply(a, c), L.Multiply(b, s)), head + i);
                L.Store(L.Add(L.Multiply(b, c), L.Multiply(a, s)), head + half + i);
            }
            for (; i < half; i++)
            {
                var (a, b, s) = (head[i], head[half + i], sines[i] * direction);
                head[i] = (a * cosines[i]) - (b * s);
                head[half + i] = (b * cosines[i]) + (a * s);
            }
        }
    }

    public override void Gate(float* gate, float* up, int length, float* y)
    {
        for (var i = 0; i < length; i += L.Width)
        {
            var g = L.Load(gate + i);
            L.Store(L.Multiply(L.Multiply(g, Sigmoid(g)), L.Load(up + i)), y + i);
        }
    }

    public override void GateGradient(float* gate, float* up, float* dy, int length, float* y, float* dgate, float* dup)
    {
        var one = L.All(1);
        for (var i = 0; i < length; i += L.Width)
        {
            V g = L.Load(gate + i), u = L.Load(up + i), d = L.Load(dy + i), s = Sigmoid(g), silu = L.Multiply(g, s);
            L.Store(L.Multiply(silu, u), y + i);
            L.Store(L.Multiply(d, silu), dup + i);
            L.Store(L.Multiply(L.Multiply(d, u), L.MultiplyAdd(silu, L.Subtract(one, s), s)), dgate + i);
        }
    }

    public override void Transpose(float* x, nint ldx, int rows, int columns, float* y)
    {
        for (var row = 0; row < rows; row += 4)
        {
            float* r0 = x + (row * ldx), r1 = r0 + ldx, r2 = r1 + ldx, r3 = r2 + ldx, to = y + row;
            if (!Sse.IsSupported)
            {
                for (var i = 0; i < columns; i++, to += Panel) (to[0], to[1], to[2], to[3]) = (r0[i], r1[i], r2[i], r3[i]);
                continue;
            }
            for (var i = 0; i < columns; i += 4, to += 4 * Panel)
            {
                Vector128<float> a = Vector128.Load(r0 + i), b = Vector128.Load(r1 + i), c = Vector128.Load(r2 + i), d = Vector128.Load(r3 + i);
                Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), ef = Sse.UnpackHigh(a, b), gh = Sse.UnpackHigh(c, d);
                Sse.MoveLowToHigh(ab, cd).Store(to);
                Sse.MoveHighToLow(cd, ab).Store(to + Panel);
                Sse.MoveLowToHigh(ef, gh).Store(to + (2 * Panel));
                Sse.MoveHighToLow(gh, ef).Store(to + (3 * Panel));
            }
        }
    }

    private static float Dot(float* a, float* b, int length)
    {
        var sum = L.Zero;
        for (var i = 0; i < length; i += L.Width) sum = L.MultiplyAdd(L.Load(a + i), L.Load(b + i), sum);
        return L.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sigmoid(V x)
    {
        var one = L.All(1);
        return L.Divide(one, L.Add(one, VectorMath<L, V>.Exp(L.Subtract(L.Zero, x))));
    }
}
