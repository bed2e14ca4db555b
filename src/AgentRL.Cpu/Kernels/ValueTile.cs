using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// out[i] = scale[i] · Σ_t p[i][t] · v[t] over paged values, for N ≤ 3 rows and C ∈ {1, 2, 4} vectors of columns. Even and odd positions are summed
/// apart and added at the end, in this order whatever N: one accumulator an element would leave the multipliers idle when few rows share the values.
/// Meanwhile the blocks that come next are fetched, as many numbers a step as it reads.
/// </summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="S">How values are stored: float, or short, whose scales are in the weights.</typeparam>
/// <typeparam name="N">Rows.</typeparam>
/// <typeparam name="C">Vectors of columns.</typeparam>
internal static unsafe class ValueTile<L, V, S, N, C>
    where L : struct, ILanes<V>
    where V : struct
    where S : unmanaged
    where N : struct, ICount
    where C : struct, ICount
{
    /// <param name="p">Rows of weights, 16 a block, <paramref name="ldp"/> apart.</param>
    /// <param name="ldp">Numbers from row to row of p.</param>
    /// <param name="values">Addresses of blocks of values [16][row]; those of what comes next <see cref="CacheKernels.Ahead"/> further.</param>
    /// <param name="column">The first column.</param>
    /// <param name="positions">How many positions count; an odd last one's weight is followed by a zero.</param>
    /// <param name="row">Numbers from position to position.</param>
    /// <param name="scale">A factor a row.</param>
    /// <param name="output">Results, <paramref name="ldo"/> apart.</param>
    /// <param name="ldo">Numbers from row to row of the results.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Mix(float* p, nint ldp, byte** values, nint column, int positions, nint row, float* scale, float* output, nint ldo)
    {
        V e00 = L.Zero, e01 = L.Zero, e02 = L.Zero, e03 = L.Zero;
        V o00 = L.Zero, o01 = L.Zero, o02 = L.Zero, o03 = L.Zero;
        V e10 = L.Zero, e11 = L.Zero, e12 = L.Zero, e13 = L.Zero;
        V o10 = L.Zero, o11 = L.Zero, o12 = L.Zero, o13 = L.Zero;
        V e20 = L.Zero, e21 = L.Zero, e22 = L.Zero, e23 = L.Zero;
        V o20 = L.Zero, o21 = L.Zero, o22 = L.Zero, o23 = L.Zero;
        for (var block = 0; positions > 0; block++, positions -= 16, p += 16)
        {
            S* v = (S*)values[block] + column, next = (S*)values[block + CacheKernels.Ahead] + (column * 16);
            nint end = Math.Min(16, positions);
            for (nint t = 0; t < end; t += 2, v += 2 * row)
            {
                Fetch(next + (t * C.Value * L.Width));
                V x0 = Stored<L, V, S>.Load(v), x1 = L.Zero, x2 = L.Zero, x3 = L.Zero;
                if (C.Value > 1)
                    x1 = Stored<L, V, S>.Load(v + L.Width);
                if (C.Value > 2)
                {
                    x2 = Stored<L, V, S>.Load(v + (2 * L.Width));
                    x3 = Stored<L, V, S>.Load(v + (3 * L.Width));
                }
                V r = L.All(p[t]);
                e00 = L.MultiplyAdd(r, x0, e00);
                if (C.Value > 1)
                    e01 = L.MultiplyAdd(r, x1, e01);
                if (C.Value > 2)
                {
                    e02 = L.MultiplyAdd(r, x2, e02);
                    e03 = L.MultiplyAdd(r, x3, e03);
                }
                if (N.Value > 1)
                {
                    r = L.All(p[ldp + t]);
                    e10 = L.MultiplyAdd(r, x0, e10);
                    if (C.Value > 1)
                        e11 = L.MultiplyAdd(r, x1, e11);
                    if (C.Value > 2)
                    {
                        e12 = L.MultiplyAdd(r, x2, e12);
                        e13 = L.MultiplyAdd(r, x3, e13);
                    }
                }
                if (N.Value > 2)
                {
                    r = L.All(p[(2 * ldp) + t]);
                    e20 = L.MultiplyAdd(r, x0, e20);
                    if (C.Value > 1)
                        e21 = L.MultiplyAdd(r, x1, e21);
                    if (C.Value > 2)
                    {
                        e22 = L.MultiplyAdd(r, x2, e22);
                        e23 = L.MultiplyAdd(r, x3, e23);
                    }
                }
                x0 = Stored<L, V, S>.Load(v + row);
                if (C.Value > 1)
                    x1 = Stored<L, V, S>.Load(v + row + L.Width);
                if (C.Value > 2)
                {
                    x2 = Stored<L, V, S>.Load(v + row + (2 * L.Width));
                    x3 = Stored<L, V, S>.Load(v + row + (3 * L.Width));
                }
                r = L.All(p[t + 1]);
                o00 = L.MultiplyAdd(r, x0, o00);
                if (C.Value > 1)
                    o01 = L.MultiplyAdd(r, x1, o01);
                if (C.Value > 2)
                {
                    o02 = L.MultiplyAdd(r, x2, o02);
                    o03 = L.MultiplyAdd(r, x3, o03);
                }
                if (N.Value > 1)
                {
                    r = L.All(p[ldp + t + 1]);
                    o10 = L.MultiplyAdd(r, x0, o10);
                    if (C.Value > 1)
                        o11 = L.MultiplyAdd(r, x1, o11);
                    if (C.Value > 2)
                    {
                        o12 = L.MultiplyAdd(r, x2, o12);
                        o13 = L.MultiplyAdd(r, x3, o13);
                    }
                }
                if (N.Value > 2)
                {
                    r = L.All(p[(2 * ldp) + t + 1]);
                    o20 = L.MultiplyAdd(r, x0, o20);
                    if (C.Value > 1)
                        o21 = L.MultiplyAdd(r, x1, o21);
                    if (C.Value > 2)
                    {
                        o22 = L.MultiplyAdd(r, x2, o22);
                        o23 = L.MultiplyAdd(r, x3, o23);
                    }
                }
            }
        }
        Finish(output, scale[0], e00, e01, e02, e03, o00, o01, o02, o03);
        if (N.Value > 1)
            Finish(output + ldo, scale[1], e10, e11, e12, e13, o10, o11, o12, o13);
        if (N.Value > 2)
            Finish(output + (2 * ldo), scale[2], e20, e21, e22, e23, o20, o21, o22, o23);
    }

    /// <summary>Fetches as many numbers as a step reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(S* next)
    {
        byte* line = (byte*)next;
        CacheLine.Fetch(line);
        if (2 * C.Value * L.Width * sizeof(S) > CacheLine.Bytes)
            CacheLine.Fetch(line + CacheLine.Bytes);
        if (2 * C.Value * L.Width * sizeof(S) > 2 * CacheLine.Bytes)
        {
            CacheLine.Fetch(line + (2 * CacheLine.Bytes));
            CacheLine.Fetch(line + (3 * CacheLine.Bytes));
        }
        if (2 * C.Value * L.Width * sizeof(S) > 4 * CacheLine.Bytes)
        {
            CacheLine.Fetch(line + (4 * CacheLine.Bytes));
            CacheLine.Fetch(line + (5 * CacheLine.Bytes));
            CacheLine.Fetch(line + (6 * CacheLine.Bytes));
            CacheLine.Fetch(line + (7 * CacheLine.Bytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* output, float scale, V e0, V e1, V e2, V e3, V o0, V o1, V o2, V o3)
    {
        V factor = L.All(scale);
        L.Store(L.Multiply(L.Add(e0, o0), factor), output);
        if (C.Value > 1)
            L.Store(L.Multiply(L.Add(e1, o1), factor), output + L.Width);
        if (C.Value > 2)
        {
            L.Store(L.Multiply(L.Add(e2, o2), factor), output + (2 * L.Width));
            L.Store(L.Multiply(L.Add(e3, o3), factor), output + (3 * L.Width));
        }
    }
}
