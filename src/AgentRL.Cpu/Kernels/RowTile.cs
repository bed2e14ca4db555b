using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// c[i][j] = Σ_k a[i][k] · w[k][j] (+ bias[j]) (+ c[i][j]) for N ≤ 6 rows and C ∈ {1, 2, 4} vectors of columns, all sums in registers. Every
/// element is summed over k in ascending order in one accumulator: its bits depend neither on N nor on C. The columns of each vector may
/// lie elsewhere: panels of weights have them side by side, cached keys a block apart.
/// </summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="S">How w is stored, see <see cref="Stored{L, V, S}"/>.</typeparam>
/// <typeparam name="N">Rows.</typeparam>
/// <typeparam name="C">Vectors of columns.</typeparam>
internal static unsafe class RowTile<L, V, S, N, C>
    where L : struct, ILanes<V>
    where V : struct
    where S : unmanaged
    where N : struct, ICount
    where C : struct, ICount
{
    /// <param name="a">Rows, <paramref name="lda"/> apart.</param>
    /// <param name="lda">Numbers from row to row of a.</param>
    /// <param name="stride">Numbers from k to k + 1 of a: 1, or more where a is read down its columns.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="w0">First vector of columns at k = 0.</param>
    /// <param name="w1">Second.</param>
    /// <param name="w2">Third.</param>
    /// <param name="w3">Fourth.</param>
    /// <param name="step">Numbers from k to k + 1 of w.</param>
    /// <param name="c">Results, the vectors side by side.</param>
    /// <param name="ldc">Numbers from row to row of c.</param>
    /// <param name="bias">Added to each row, or null.</param>
    /// <param name="accumulate">Whether to add to what c holds.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply(float* a, nint lda, nint stride, nint depth, S* w0, S* w1, S* w2, S* w3, nint step, float* c, nint ldc, float* bias, bool accumulate)
    {
        V c00 = L.Zero, c01 = L.Zero, c02 = L.Zero, c03 = L.Zero;
        V c10 = L.Zero, c11 = L.Zero, c12 = L.Zero, c13 = L.Zero;
        V c20 = L.Zero, c21 = L.Zero, c22 = L.Zero, c23 = L.Zero;
        V c30 = L.Zero, c31 = L.Zero, c32 = L.Zero, c33 = L.Zero;
        V c40 = L.Zero, c41 = L.Zero, c42 = L.Zero, c43 = L.Zero;
        V c50 = L.Zero, c51 = L.Zero, c52 = L.Zero, c53 = L.Zero;
        float* a1 = a + lda, a2 = a + (2 * lda), a3 = a + (3 * lda), a4 = a + (4 * lda), a5 = a + (5 * lda);
        for (nint i = 0, k = 0, at = 0; i < depth; i++, k += stride, at += step)
        {
            V x0 = Stored<L, V, S>.Load(w0 + at), x1 = L.Zero, x2 = L.Zero, x3 = L.Zero;
            if (C.Value > 1)
                x1 = Stored<L, V, S>.Load(w1 + at);
            if (C.Value > 2)
            {
                x2 = Stored<L, V, S>.Load(w2 + at);
                x3 = Stored<L, V, S>.Load(w3 + at);
            }
            V r = L.All(a[k]);
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
                r = L.All(a1[k]);
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
                r = L.All(a2[k]);
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
                r = L.All(a3[k]);
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
                r = L.All(a4[k]);
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
                r = L.All(a5[k]);
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
        Finish(c, bias, accumulate, c00, c01, c02, c03);
        if (N.Value > 1)
            Finish(c + (1 * ldc), bias, accumulate, c10, c11, c12, c13);
        if (N.Value > 2)
            Finish(c + (2 * ldc), bias, accumulate, c20, c21, c22, c23);
        if (N.Value > 3)
            Finish(c + (3 * ldc), bias, accumulate, c30, c31, c32, c33);
        if (N.Value > 4)
            Finish(c + (4 * ldc), bias, accumulate, c40, c41, c42, c43);
        if (N.Value > 5)
            Finish(c + (5 * ldc), bias, accumulate, c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, float* bias, bool accumulate, V c0, V c1, V c2, V c3)
    {
        Finish(c, 0, bias, accumulate, c0);
        if (C.Value > 1)
            Finish(c, 1, bias, accumulate, c1);
        if (C.Value > 2)
        {
            Finish(c, 2, bias, accumulate, c2);
            Finish(c, 3, bias, accumulate, c3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, int vector, float* bias, bool accumulate, V sum)
    {
        if (bias != null)
            sum = L.Add(sum, L.Load(bias + (vector * L.Width)));
        if (accumulate)
            sum = L.Add(sum, L.Load(c + (vector * L.Width)));
        L.Store(sum, c + (vector * L.Width));
    }
}
