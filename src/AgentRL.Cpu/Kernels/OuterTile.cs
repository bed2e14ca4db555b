using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// c[i][j] += Σ_t a[t][i] · x[t][j] for N ≤ 6 rows and C ∈ {1, 2, 4} vectors of columns: a weight's gradient, summed over tokens in ascending order in one
/// accumulator an element, then added to what c holds. Differs from <see cref="RowTile{L, V, S, N, C}"/> in reading a down its columns.
/// </summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="N">Rows.</typeparam>
/// <typeparam name="C">Vectors of columns.</typeparam>
internal static unsafe class OuterTile<L, V, N, C>
    where L : struct, ILanes<V>
    where V : struct
    where N : struct, ICount
    where C : struct, ICount
{
    /// <param name="a">[tokens][rows], <paramref name="lda"/> apart.</param>
    /// <param name="lda">Numbers from token to token of a.</param>
    /// <param name="x">[tokens][columns], <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">Numbers from token to token of x.</param>
    /// <param name="tokens">Length of the sums.</param>
    /// <param name="c">[rows][columns], <paramref name="ldc"/> apart.</param>
    /// <param name="ldc">Numbers from row to row of c.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Add(float* a, nint lda, float* x, nint ldx, int tokens, float* c, nint ldc)
    {
        V c00 = L.Zero, c01 = L.Zero, c02 = L.Zero, c03 = L.Zero;
        V c10 = L.Zero, c11 = L.Zero, c12 = L.Zero, c13 = L.Zero;
        V c20 = L.Zero, c21 = L.Zero, c22 = L.Zero, c23 = L.Zero;
        V c30 = L.Zero, c31 = L.Zero, c32 = L.Zero, c33 = L.Zero;
        V c40 = L.Zero, c41 = L.Zero, c42 = L.Zero, c43 = L.Zero;
        V c50 = L.Zero, c51 = L.Zero, c52 = L.Zero, c53 = L.Zero;
        for (var t = 0; t < tokens; t++, a += lda, x += ldx)
        {
            V x0 = L.Load(x), x1 = L.Zero, x2 = L.Zero, x3 = L.Zero;
            if (C.Value > 1)
                x1 = L.Load(x + L.Width);
            if (C.Value > 2)
            {
                x2 = L.Load(x + (2 * L.Width));
                x3 = L.Load(x + (3 * L.Width));
            }
            V r = L.All(a[0]);
            c00 = L.MultiplyAdd(r, x0, c00);
            if (C.Value > 1)
                c01 = L.MultiplyAdd(r, x1, c01);
            if (C.Value > 2)
            {
                c02 = L.MultiplyAdd(r, x2, c02);
                c03 = L.MultiplyAdd(r, x3, c03);
            }
            if (N.Value > 1)
            {
                r = L.All(a[1]);
                c10 = L.MultiplyAdd(r, x0, c10);
                if (C.Value > 1)
                    c11 = L.MultiplyAdd(r, x1, c11);
                if (C.Value > 2)
                {
                    c12 = L.MultiplyAdd(r, x2, c12);
                    c13 = L.MultiplyAdd(r, x3, c13);
                }
            }
            if (N.Value > 2)
            {
                r = L.All(a[2]);
                c20 = L.MultiplyAdd(r, x0, c20);
                if (C.Value > 1)
                    c21 = L.MultiplyAdd(r, x1, c21);
                if (C.Value > 2)
                {
                    c22 = L.MultiplyAdd(r, x2, c22);
                    c23 = L.MultiplyAdd(r, x3, c23);
                }
            }
            if (N.Value > 3)
            {
                r = L.All(a[3]);
                c30 = L.MultiplyAdd(r, x0, c30);
                if (C.Value > 1)
                    c31 = L.MultiplyAdd(r, x1, c31);
                if (C.Value > 2)
                {
                    c32 = L.MultiplyAdd(r, x2, c32);
                    c33 = L.MultiplyAdd(r, x3, c33);
                }
            }
            if (N.Value > 4)
            {
                r = L.All(a[4]);
                c40 = L.MultiplyAdd(r, x0, c40);
                if (C.Value > 1)
                    c41 = L.MultiplyAdd(r, x1, c41);
                if (C.Value > 2)
                {
                    c42 = L.MultiplyAdd(r, x2, c42);
                    c43 = L.MultiplyAdd(r, x3, c43);
                }
            }
            if (N.Value > 5)
            {
                r = L.All(a[5]);
                c50 = L.MultiplyAdd(r, x0, c50);
                if (C.Value > 1)
                    c51 = L.MultiplyAdd(r, x1, c51);
                if (C.Value > 2)
                {
                    c52 = L.MultiplyAdd(r, x2, c52);
                    c53 = L.MultiplyAdd(r, x3, c53);
                }
            }
        }
        Finish(c, c00, c01, c02, c03);
        if (N.Value > 1)
            Finish(c + (1 * ldc), c10, c11, c12, c13);
        if (N.Value > 2)
            Finish(c + (2 * ldc), c20, c21, c22, c23);
        if (N.Value > 3)
            Finish(c + (3 * ldc), c30, c31, c32, c33);
        if (N.Value > 4)
            Finish(c + (4 * ldc), c40, c41, c42, c43);
        if (N.Value > 5)
            Finish(c + (5 * ldc), c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, V c0, V c1, V c2, V c3)
    {
        L.Store(L.Add(L.Load(c), c0), c);
        if (C.Value > 1)
            L.Store(L.Add(L.Load(c + L.Width), c1), c + L.Width);
        if (C.Value > 2)
        {
            L.Store(L.Add(L.Load(c + (2 * L.Width)), c2), c + (2 * L.Width));
            L.Store(L.Add(L.Load(c + (3 * L.Width)), c3), c + (3 * L.Width));
        }
    }
}
