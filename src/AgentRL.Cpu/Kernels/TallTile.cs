using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// c[i][j] = Σ_k a[i][k] · w[k][j] (+ bias[j]) (+ c[i][j]) for 6 to 12 rows and two vectors of columns, all sums in registers and to the bit those of
/// <see cref="RowTile{L,V,S,N,C}"/>. It needs half as many weights a step as six rows and four vectors do, no more than memory gives; meanwhile the weights that come
/// next are fetched.
/// </summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="S">How w is stored, see <see cref="Stored{L, V, S}"/>.</typeparam>
/// <typeparam name="N">Rows, at least 6.</typeparam>
internal static unsafe class TallTile<L, V, S, N>
    where L : struct, ILanes<V>
    where V : struct
    where S : unmanaged
    where N : struct, ICount
{
    /// <param name="a">Rows, <paramref name="lda"/> apart.</param>
    /// <param name="lda">Numbers from row to row of a.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="w">Two vectors of columns at k = 0.</param>
    /// <param name="step">Numbers from k to k + 1 of w.</param>
    /// <param name="c">Results.</param>
    /// <param name="ldc">Numbers from row to row of c.</param>
    /// <param name="bias">Added to each row, or null.</param>
    /// <param name="accumulate">Whether to add to what c holds.</param>
    /// <param name="next">What to fetch, a line a step.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply(float* a, nint lda, nint depth, S* w, nint step, float* c, nint ldc, float* bias, bool accumulate, S* next)
    {
        V c0a = L.Zero, c1a = L.Zero, c2a = L.Zero, c3a = L.Zero, c4a = L.Zero, c5a = L.Zero, c6a = L.Zero, c7a = L.Zero, c8a = L.Zero, c9a = L.Zero, c10a = L.Zero, c11a = L.Zero;
        V c0b = L.Zero, c1b = L.Zero, c2b = L.Zero, c3b = L.Zero, c4b = L.Zero, c5b = L.Zero, c6b = L.Zero, c7b = L.Zero, c8b = L.Zero, c9b = L.Zero, c10b = L.Zero, c11b = L.Zero;
        float* a3 = a + (3 * lda), a6 = a + (6 * lda), a9 = a + (9 * lda);
        for (nint k = 0; k < depth; k++, w += step, next += 64 / sizeof(S))
        {
            V x0 = Stored<L, V, S>.Load(w), x1 = Stored<L, V, S>.Load(w + L.Width);
            CacheLine.Fetch(next);
            V r = L.All(a[k]);
            c0a = L.MultiplyAdd(r, x0, c0a);
            c0b = L.MultiplyAdd(r, x1, c0b);
            r = L.All(a[lda + k]);
            c1a = L.MultiplyAdd(r, x0, c1a);
            c1b = L.MultiplyAdd(r, x1, c1b);
            r = L.All(a[(2 * lda) + k]);
            c2a = L.MultiplyAdd(r, x0, c2a);
            c2b = L.MultiplyAdd(r, x1, c2b);
            r = L.All(a3[k]);
            c3a = L.MultiplyAdd(r, x0, c3a);
            c3b = L.MultiplyAdd(r, x1, c3b);
            r = L.All(a3[lda + k]);
            c4a = L.MultiplyAdd(r, x0, c4a);
            c4b = L.MultiplyAdd(r, x1, c4b);
            r = L.All(a3[(2 * lda) + k]);
            c5a = L.MultiplyAdd(r, x0, c5a);
            c5b = L.MultiplyAdd(r, x1, c5b);
            if (N.Value > 6)
            {
                r = L.All(a6[k]);
                c6a = L.MultiplyAdd(r, x0, c6a);
                c6b = L.MultiplyAdd(r, x1, c6b);
            }
            if (N.Value > 7)
            {
                r = L.All(a6[lda + k]);
                c7a = L.MultiplyAdd(r, x0, c7a);
                c7b = L.MultiplyAdd(r, x1, c7b);
            }
            if (N.Value > 8)
            {
                r = L.All(a6[(2 * lda) + k]);
                c8a = L.MultiplyAdd(r, x0, c8a);
                c8b = L.MultiplyAdd(r, x1, c8b);
            }
            if (N.Value > 9)
            {
                r = L.All(a9[k]);
                c9a = L.MultiplyAdd(r, x0, c9a);
                c9b = L.MultiplyAdd(r, x1, c9b);
            }
            if (N.Value > 10)
            {
                r = L.All(a9[lda + k]);
                c10a = L.MultiplyAdd(r, x0, c10a);
                c10b = L.MultiplyAdd(r, x1, c10b);
            }
            if (N.Value > 11)
            {
                r = L.All(a9[(2 * lda) + k]);
                c11a = L.MultiplyAdd(r, x0, c11a);
                c11b = L.MultiplyAdd(r, x1, c11b);
            }
        }
        Finish(c, bias, accumulate, c0a, c0b);
        Finish(c + (1 * ldc), bias, accumulate, c1a, c1b);
        Finish(c + (2 * ldc), bias, accumulate, c2a, c2b);
        Finish(c + (3 * ldc), bias, accumulate, c3a, c3b);
        Finish(c + (4 * ldc), bias, accumulate, c4a, c4b);
        Finish(c + (5 * ldc), bias, accumulate, c5a, c5b);
        if (N.Value > 6)
            Finish(c + (6 * ldc), bias, accumulate, c6a, c6b);
        if (N.Value > 7)
            Finish(c + (7 * ldc), bias, accumulate, c7a, c7b);
        if (N.Value > 8)
            Finish(c + (8 * ldc), bias, accumulate, c8a, c8b);
        if (N.Value > 9)
            Finish(c + (9 * ldc), bias, accumulate, c9a, c9b);
        if (N.Value > 10)
            Finish(c + (10 * ldc), bias, accumulate, c10a, c10b);
        if (N.Value > 11)
            Finish(c + (11 * ldc), bias, accumulate, c11a, c11b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, float* bias, bool accumulate, V first, V second)
    {
        if (bias != null)
        {
            first = L.Add(first, L.Load(bias));
            second = L.Add(second, L.Load(bias + L.Width));
        }
        if (accumulate)
        {
            first = L.Add(first, L.Load(c));
            second = L.Add(second, L.Load(c + L.Width));
        }
        L.Store(first, c);
        L.Store(second, c + L.Width);
    }
}
