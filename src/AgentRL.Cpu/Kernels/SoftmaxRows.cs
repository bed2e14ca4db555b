using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>exp(factor · (score − largest)) of N ∈ {1, 2} rows at once: each step of one waits for the step before, and two fill each other's gaps.</summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="S">How values are stored: float, or short with a scale a position behind them.</typeparam>
/// <typeparam name="N">Rows.</typeparam>
internal static unsafe class SoftmaxRows<L, V, S, N>
    where L : struct, ILanes<V>
    where V : struct
    where S : unmanaged
    where N : struct, ICount
{
    /// <param name="scores">Rows of scores, overwritten.</param>
    /// <param name="lds">Numbers from row to row.</param>
    /// <param name="factor">Of the scores.</param>
    /// <param name="visible">[N]: how many scores of a row count, at least one; the others become 0.</param>
    /// <param name="blocks">Scores of a row, in blocks of 16.</param>
    /// <param name="values">[blocks]: addresses of values [16][row], by whose scales the exponentials are multiplied.</param>
    /// <param name="row">Numbers from position to position of the values.</param>
    /// <param name="inverses">[N]: one over a row's sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Soften(float* scores, nint lds, float factor, int* visible, int blocks, byte** values, nint row, float* inverses)
    {
        nint length = blocks * 16;
        float* other = scores + lds;
        Hide(scores, visible[0], length);
        V t0 = L.Load(scores), u0 = t0, t1 = L.Zero, u1 = L.Zero;
        if (N.Value > 1)
        {
            Hide(other, visible[1], length);
            t1 = u1 = L.Load(other);
        }
        nint at = L.Width;
        for (; at < length - L.Width; at += 2 * L.Width)
        {
            t0 = L.Max(t0, L.Load(scores + at));
            u0 = L.Max(u0, L.Load(scores + at + L.Width));
            if (N.Value > 1)
            {
                t1 = L.Max(t1, L.Load(other + at));
                u1 = L.Max(u1, L.Load(other + at + L.Width));
            }
        }
        if (at < length)
        {
            t0 = L.Max(t0, L.Load(scores + at));
            if (N.Value > 1)
                t1 = L.Max(t1, L.Load(other + at));
        }
        V factors = L.All(factor), s0 = L.Zero, s1 = L.Zero;
        t0 = L.All(L.Largest(L.Max(t0, u0)));
        if (N.Value > 1)
            t1 = L.All(L.Largest(L.Max(t1, u1)));
        for (nint i = 0; i < length; i += L.Width)
        {
            V e0 = VectorMath<L, V>.Exp(L.Multiply(L.Subtract(L.Load(scores + i), t0), factors)), e1 = L.Zero;
            s0 = L.Add(s0, e0);
            if (N.Value > 1)
            {
                e1 = VectorMath<L, V>.Exp(L.Multiply(L.Subtract(L.Load(other + i), t1), factors));
                s1 = L.Add(s1, e1);
            }
            if (CacheBlock<S>.HasScales)
            {
                V scale = L.Load(CacheBlock<S>.Scales(values[i / 16], row) + (i % 16));
                e0 = L.Multiply(e0, scale);
                if (N.Value > 1)
                    e1 = L.Multiply(e1, scale);
            }
            L.Store(e0, scores + i);
            if (N.Value > 1)
                L.Store(e1, other + i);
        }
        inverses[0] = 1 / L.Sum(s0);
        if (N.Value > 1)
            inverses[1] = 1 / L.Sum(s1);
    }

    /// <summary>Scores that do not count become −∞, a vector at a time: single numbers would be waited for when they are loaded again as a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Hide(float* scores, int visible, nint length)
    {
        if (visible == length)
            return;
        nint block = visible / 16 * 16, first = visible - block;
        for (nint i = 0; i < 16; i += L.Width) L.Store(L.HideFrom(L.Load(scores + block + i), (int)(first - i)), scores + block + i);
        for (block += 16; block < length; block += L.Width) L.Store(L.All(float.NegativeInfinity), scores + block);
    }
}
