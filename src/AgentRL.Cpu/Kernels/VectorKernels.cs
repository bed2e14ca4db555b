namespace AgentRL.Cpu.Kernels;

/// <summary>The kernels over one width of registers.</summary>
/// <typeparam name="L">The width.</typeparam>
/// <typeparam name="V">Its vectors.</typeparam>
/// <typeparam name="C">Vectors of columns of a register tile: as many as leave room for six rows of sums.</typeparam>
internal sealed unsafe partial class VectorKernels<L, V, C> : CpuKernels
    where L : struct, ILanes<V>
    where V : struct
    where C : struct, ICount
{
    public override int Width => L.Width;

    public override CacheKernels Caches(CacheStorage storage) =>
        storage == CacheStorage.Float32 ? new VectorCacheKernels<L, V, C, float>() : new VectorCacheKernels<L, V, C, short>();

    public override bool Normalize(float* x, float* weight, int length, float epsilon, float* y)
    {
        var sum = L.Zero;
        var i = 0;
        for (; i <= length - L.Width; i += L.Width)
        {
            var v = L.Load(x + i);
            sum = L.MultiplyAdd(v, v, sum);
        }
        var squares = L.Sum(sum);
        for (; i < length; i++) squares += x[i] * x[i];
        var scale = 1 / MathF.Sqrt((squares / length) + epsilon);
        var factor = L.All(scale);
        for (i = 0; i <= length - L.Width; i += L.Width) L.Store(L.Multiply(L.Multiply(L.Load(x + i), factor), L.Load(weight + i)), y + i);
        for (; i < length; i++) y[i] = x[i] * scale * weight[i];
        return float.IsFinite(squares);
    }

    public override void Rotate(float* head, float* cosines, float* sines, int half)
    {
        var i = 0;
        for (; i <= half - L.Width; i += L.Width)
        {
            V a = L.Load(head + i), b = L.Load(head + half + i), c = L.Load(cosines + i), s = L.Load(sines + i);
            L.Store(L.Subtract(L.Multiply(a, c), L.Multiply(b, s)), head + i);
            L.Store(L.Add(L.Multiply(b, c), L.Multiply(a, s)), head + half + i);
        }
        for (; i < half; i++)
        {
            var (a, b) = (head[i], head[half + i]);
            head[i] = (a * cosines[i]) - (b * sines[i]);
            head[half + i] = (b * cosines[i]) + (a * sines[i]);
        }
    }

    public override void Gate(float* gate, float* up, int length)
    {
        var one = L.All(1);
        for (var i = 0; i < length; i += L.Width)
        {
            var g = L.Load(gate + i);
            var silu = L.Divide(g, L.Add(one, VectorMath<L, V>.Exp(L.Subtract(L.Zero, g))));
            L.Store(L.Multiply(silu, L.Load(up + i)), gate + i);
        }
    }
}
