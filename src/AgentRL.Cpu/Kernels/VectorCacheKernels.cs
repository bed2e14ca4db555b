namespace AgentRL.Cpu.Kernels;

/// <summary>Attention over one width of registers.</summary>
/// <typeparam name="L">The width.</typeparam>
/// <typeparam name="V">Its vectors.</typeparam>
/// <typeparam name="C">Vectors of columns of a register tile.</typeparam>
/// <typeparam name="S">How keys and values are held: float, or short for whole numbers with scales.</typeparam>
internal sealed unsafe class VectorCacheKernels<L, V, C, S> : CacheKernels
    where L : struct, ILanes<V>
    where V : struct
    where C : struct, ICount
    where S : unmanaged
{
    private const int ValueRows = 3;

    /// <summary>The largest whole number, and the largest of a position's numbers below which all count as zero.</summary>
    private const float Whole = short.MaxValue, Least = 1e-30f;

    public override void StoreKey(float* key, int size, byte* block, int position)
    {
        if (!CacheBlock<S>.HasScales)
        {
            Spread((float*)block + position, key, size);
            return;
        }
        CacheBlock<S>.Scales(block, size)[position] = Round(key, size, (short*)key);
        Spread((short*)block + position, (short*)key, size);
    }

    public override void StoreValue(float* value, int size, byte* block, int position)
    {
        var row = Row(size);
        if (!CacheBlock<S>.HasScales) new ReadOnlySpan<float>(value, size).CopyTo(new Span<float>((float*)block + (position * row), size));
        else CacheBlock<S>.Scales(block, row)[position] = Round(value, size, (short*)block + (position * row));
    }

    public override void Scores(float* queries, int size, int n, byte** keys, int blocks, float* scores, nint lds)
    {
        var b = 0;
        if (L.Width == Block)
        {
            for (; b <= blocks - 4; b += 4) ScoreTile<Four>(n, queries, size, keys + b, scores + (b * Block), lds);
            switch (blocks - b)
            {
                case 1: ScoreTile<One>(n, queries, size, keys + b, scores + (b * Block), lds); break;
                case 2: ScoreTile<Two>(n, queries, size, keys + b, scores + (b * Block), lds); break;
                case 3: ScoreTile<Three>(n, queries, size, keys + b, scores + (b * Block), lds); break;
            }
            return;
        }
        for (; b < blocks; b++, scores += Block)
        {
            S* k = (S*)keys[b];
            for (var column = 0; column < Block; column += C.Value * L.Width, k += C.Value * L.Width)
                VectorKernels<L, V, C>.Tile<S, C>(n, queries, size, size, k, k + L.Width, k + (2 * L.Width), k + (3 * L.Width), Block, scores + column, lds, null, false);
            if (!CacheBlock<S>.HasScales) continue;
            float* scales = CacheBlock<S>.Scales(keys[b], size);
            for (var i = 0; i < n; i++)
            {
                for (nint j = 0; j < Block; j += L.Width) L.Store(L.Multiply(L.Load(scores + (i * lds) + j), L.Load(scales + j)), scores + (i * lds) + j);
            }
        }
    }

    public override void Soften(float* scores, nint lds, int n, float factor, int* visible, int blocks, byte** values, int size, float* inverses)
    {
        var (i, row) = (0, Row(size));
        if (CacheBlock<S>.HasScales)
        {
            for (var b = 0; b < blocks; b++) CacheLine.Fetch(CacheBlock<S>.Scales(values[b], row));
        }
        for (; i <= n - 2; i += 2) SoftmaxRows<L, V, S, Two>.Soften(scores + (i * lds), lds, factor, visible + i, blocks, values, row, inverses + i);
        if (i < n) SoftmaxRows<L, V, S, One>.Soften(scores + (i * lds), lds, factor, visible + i, blocks, values, row, inverses + i);
    }

    public override void Mix(float* weights, nint ldw, int n, byte** values, int positions, int size, float* scale, float* output)
    {
        var row = Row(size);
        for (var first = 0; first < n; first += ValueRows)
        {
            var count = Math.Min(ValueRows, n - first);
            var column = 0;
            for (; column <= row - (C.Value * L.Width); column += C.Value * L.Width)
                Mix<C>(count, weights + (first * ldw), ldw, values, column, positions, row, scale + first, output + (first * row) + column);
            if (C.Value > 2 && column <= row - (2 * L.Width))
            {
                Mix<Two>(count, weights + (first * ldw), ldw, values, column, positions, row, scale + first, output + (first * row) + column);
                column += 2 * L.Width;
            }
            for (; column < row; column += L.Width)
                Mix<One>(count, weights + (first * ldw), ldw, values, column, positions, row, scale + first, output + (first * row) + column);
        }
    }

    protected override nint BytesOf(int numbers) => CacheBlock<S>.Bytes(numbers);

    private static void Spread<T>(T* target, T* numbers, int size)
        where T : unmanaged
    {
        for (var d = 0; d < size; d++) target[d * Block] = numbers[d];
    }

    /// <summary>Rounds numbers to whole multiples of a scale, which is given back: not a number if one of them is not finite. The target may be the source.</summary>
    private static float Round(float* numbers, int size, short* target)
    {
        V top = L.Zero, faults = L.Zero;
        var i = 0;
        for (; i <= size - L.Width; i += L.Width)
        {
            V x = L.Load(numbers + i);
            top = L.Max(top, L.Max(x, L.Subtract(L.Zero, x)));
            faults = L.MultiplyAdd(x, L.Zero, faults);
        }
        float largest = L.Largest(top), fault = L.Sum(faults);
        for (var d = i; d < size; d++)
        {
            largest = MathF.Max(largest, MathF.Abs(numbers[d]));
            fault += numbers[d] * 0;
        }
        var factor = largest > Least ? Whole / largest : 0;
        for (i = 0; i <= size - L.Width; i += L.Width) L.StoreWhole(L.Round(L.Multiply(L.Load(numbers + i), L.All(factor))), target + i);
        for (; i < size; i++) target[i] = (short)MathF.Round(numbers[i] * factor);
        return (largest / Whole) + fault;
    }

    private static void ScoreTile<K>(int n, float* queries, nint size, byte** keys, float* scores, nint lds)
        where K : struct, ICount
    {
        switch (n)
        {
            case 1: ScoreTile<L, V, S, One, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 2: ScoreTile<L, V, S, Two, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 3: ScoreTile<L, V, S, Three, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 4: ScoreTile<L, V, S, Four, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 5: ScoreTile<L, V, S, Five, K>.Multiply(queries, size, size, keys, scores, lds); break;
            default: ScoreTile<L, V, S, Six, K>.Multiply(queries, size, size, keys, scores, lds); break;
        }
    }

    private static void Mix<K>(int n, float* p, nint ldp, byte** values, nint column, int positions, int row, float* scale, float* output)
        where K : struct, ICount
    {
        switch (n)
        {
            case 1: ValueTile<L, V, S, One, K>.Mix(p, ldp, values, column, positions, row, scale, output, row); break;
            case 2: ValueTile<L, V, S, Two, K>.Mix(p, ldp, values, column, positions, row, scale, output, row); break;
            default: ValueTile<L, V, S, Three, K>.Mix(p, ldp, values, column, positions, row, scale, output, row); break;
        }
    }
}
