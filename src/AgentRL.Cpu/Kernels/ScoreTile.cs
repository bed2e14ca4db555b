using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// c[i][b][j] = Σ_k a[i][k] · w[b][k][j] for N ≤ 6 rows over C ≤ 4 blocks of keys at once, each a vector of positions wide, all sums in registers.
/// Every element is summed over k in ascending order in one accumulator: its bits depend neither on N nor on C. Meanwhile the blocks
/// that come next are fetched, a line of each a step.
/// </summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="S">How keys are stored: float, or short with a scale a position behind them.</typeparam>
/// <typeparam name="N">Rows.</typeparam>
/// <typeparam name="C">Blocks.</typeparam>
internal static unsafe class ScoreTile<L, V, S, N, C>
    where L : struct, ILanes<V>
    where V : struct
    where S : unmanaged
    where N : struct, ICount
    where C : struct, ICount
{
    /// <param name="a">Rows, <paramref name="lda"/> apart.</param>
    /// <param name="lda">Numbers from row to row of a.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="blocks">[C] addresses of blocks of keys [depth][16]; those of what comes next <see cref="CacheKernels.Ahead"/> further.</param>
    /// <param name="c">Results, the blocks side by side.</param>
    /// <param name="ldc">Numbers from row to row of c.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply(float* a, nint lda, nint depth, byte** blocks, float* c, nint ldc)
    {
        V c00 = L.Zero, c01 = L.Zero, c02 = L.Zero, c03 = L.Zero;
        V c10 = L.Zero, c11 = L.Zero, c12 = L.Zero, c13 = L.Zero;
        V c20 = L.Zero, c21 = L.Zero, c22 = L.Zero, c23 = L.Zero;
        V c30 = L.Zero, c31 = L.Zero, c32 = L.Zero, c33 = L.Zero;
        V c40 = L.Zero, c41 = L.Zero, c42 = L.Zero, c43 = L.Zero;
        V c50 = L.Zero, c51 = L.Zero, c52 = L.Zero, c53 = L.Zero;
        float* a1 = a + lda, a2 = a + (2 * lda), a3 = a + (3 * lda), a4 = a + (4 * lda), a5 = a + (5 * lda);
        S* w0 = (S*)blocks[0], w1 = null, w2 = null, w3 = null;
        S* n0 = (S*)blocks[CacheKernels.Ahead], n1 = null, n2 = null, n3 = null;
        if (C.Value > 1)
        {
            w1 = (S*)blocks[1];
            n1 = (S*)blocks[CacheKernels.Ahead + 1];
        }
        if (C.Value > 2)
        {
            w2 = (S*)blocks[2];
            n2 = (S*)blocks[CacheKernels.Ahead + 2];
        }
        if (C.Value > 3)
        {
            w3 = (S*)blocks[3];
            n3 = (S*)blocks[CacheKernels.Ahead + 3];
        }
        if (CacheBlock<S>.HasScales)
        {
            // The scales; keys that take less than a line a step are asked for by each step anyway.
            CacheLine.Fetch(CacheBlock<S>.Scales(n0, depth));
            if (C.Value > 1)
                CacheLine.Fetch(CacheBlock<S>.Scales(n1, depth));
            if (C.Value > 2)
                CacheLine.Fetch(CacheBlock<S>.Scales(n2, depth));
            if (C.Value > 3)
                CacheLine.Fetch(CacheBlock<S>.Scales(n3, depth));
        }
        for (nint k = 0, at = 0; k < depth; k++, at += 16)
        {
            V x0 = Stored<L, V, S>.Load(w0 + at), x1 = L.Zero, x2 = L.Zero, x3 = L.Zero;
            if (C.Value > 1)
                x1 = Stored<L, V, S>.Load(w1 + at);
            if (C.Value > 2)
                x2 = Stored<L, V, S>.Load(w2 + at);
            if (C.Value > 3)
                x3 = Stored<L, V, S>.Load(w3 + at);
            CacheLine.Fetch(n0 + at);
            if (C.Value > 1)
                CacheLine.Fetch(n1 + at);
            if (C.Value > 2)
                CacheLine.Fetch(n2 + at);
            if (C.Value > 3)
                CacheLine.Fetch(n3 + at);
            V r = L.All(a[k]);
            c00 = L.MultiplyAdd(r, x0, c00);
            if (C.Value > 1)
                c01 = L.MultiplyAdd(r, x1, c01);
            if (C.Value > 2)
                c02 = L.MultiplyAdd(r, x2, c02);
            if (C.Value > 3)
                c03 = L.MultiplyAdd(r, x3, c03);
            if (N.Value > 1)
            {
                r = L.All(a1[k]);
                c10 = L.MultiplyAdd(r, x0, c10);
                if (C.Value > 1)
                    c11 = L.MultiplyAdd(r, x1, c11);
                if (C.Value > 2)
                    c12 = L.MultiplyAdd(r, x2, c12);
                if (C.Value > 3)
                    c13 = L.MultiplyAdd(r, x3, c13);
            }
            if (N.Value > 2)
            {
                r = L.All(a2[k]);
                c20 = L.MultiplyAdd(r, x0, c20);
                if (C.Value > 1)
                    c21 = L.MultiplyAdd(r, x1, c21);
                if (C.Value > 2)
                    c22 = L.MultiplyAdd(r, x2, c22);
                if (C.Value > 3)
                    c23 = L.MultiplyAdd(r, x3, c23);
            }
            if (N.Value > 3)
            {
                r = L.All(a3[k]);
                c30 = L.MultiplyAdd(r, x0, c30);
                if (C.Value > 1)
                    c31 = L.MultiplyAdd(r, x1, c31);
                if (C.Value > 2)
                    c32 = L.MultiplyAdd(r, x2, c32);
                if (C.Value > 3)
                    c33 = L.MultiplyAdd(r, x3, c33);
            }
            if (N.Value > 4)
            {
                r = L.All(a4[k]);
                c40 = L.MultiplyAdd(r, x0, c40);
                if (C.Value > 1)
                    c41 = L.MultiplyAdd(r, x1, c41);
                if (C.Value > 2)
                    c42 = L.MultiplyAdd(r, x2, c42);
                if (C.Value > 3)
                    c43 = L.MultiplyAdd(r, x3, c43);
            }
            if (N.Value > 5)
            {
                r = L.All(a5[k]);
                c50 = L.MultiplyAdd(r, x0, c50);
                if (C.Value > 1)
                    c51 = L.MultiplyAdd(r, x1, c51);
                if (C.Value > 2)
                    c52 = L.MultiplyAdd(r, x2, c52);
                if (C.Value > 3)
                    c53 = L.MultiplyAdd(r, x3, c53);
            }
        }
        Finish(c, w0, w1, w2, w3, depth, c00, c01, c02, c03);
        if (N.Value > 1)
            Finish(c + (1 * ldc), w0, w1, w2, w3, depth, c10, c11, c12, c13);
        if (N.Value > 2)
            Finish(c + (2 * ldc), w0, w1, w2, w3, depth, c20, c21, c22, c23);
        if (N.Value > 3)
            Finish(c + (3 * ldc), w0, w1, w2, w3, depth, c30, c31, c32, c33);
        if (N.Value > 4)
            Finish(c + (4 * ldc), w0, w1, w2, w3, depth, c40, c41, c42, c43);
        if (N.Value > 5)
            Finish(c + (5 * ldc), w0, w1, w2, w3, depth, c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, S* w0, S* w1, S* w2, S* w3, nint depth, V c0, V c1, V c2, V c3)
    {
        L.Store(Scaled(c0, w0, depth), c);
        if (C.Value > 1)
            L.Store(Scaled(c1, w1, depth), c + 16);
        if (C.Value > 2)
            L.Store(Scaled(c2, w2, depth), c + 32);
        if (C.Value > 3)
            L.Store(Scaled(c3, w3, depth), c + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scaled(V sums, S* keys, nint depth) => CacheBlock<S>.HasScales ? L.Multiply(sums, L.Load(CacheBlock<S>.Scales(keys, depth))) : sums;
}
