namespace AgentRL.Cpu.Kernels;

/// <summary>The kernels over one width of registers.</summary>
/// <typeparam name="L">The width.</typeparam>
/// <typeparam name="V">Its vectors.</typeparam>
/// <typeparam name="C">Vectors of columns of a register tile: as many as leave room for six rows of sums.</typeparam>
internal sealed unsafe class VectorKernels<L, V, C> : CpuKernels
    where L : struct, ILanes<V>
    where V : struct
    where C : struct, ICount
{
    private const int TileRows = 6, TallRows = 12, ValueRows = 3, Block = 16;

    public override int Width => L.Width;

    public override void Product(float* a, nint lda, int rows, PackedMatrix w, float* c, nint ldc, bool accumulate)
    {
        if (w.Floats != null) Product(a, lda, rows, w.Floats, w, c, ldc, accumulate);
        else Product(a, lda, rows, w.Halves, w, c, ldc, accumulate);
    }

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

    public override void Scores(float* queries, int size, int n, float** keys, int blocks, float* scores, nint lds)
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
        for (; b < blocks; b++)
        {
            float* k = keys[b];
            for (var column = 0; column < Block; column += C.Value * L.Width, k += C.Value * L.Width)
            {
                Tile<float, C>(n, queries, size, size, k, k + L.Width, k + (2 * L.Width), k + (3 * L.Width), Block, scores + (b * Block) + column, lds, null, false);
            }
        }
    }

    public override void Soften(float* scores, nint lds, int n, float scale, int* visible, int blocks, float* inverses)
    {
        var i = 0;
        for (; i <= n - 2; i += 2) SoftmaxRows<L, V, Two>.Soften(scores + (i * lds), lds, scale, visible + i, blocks * Block, inverses + i);
        if (i < n) SoftmaxRows<L, V, One>.Soften(scores + (i * lds), lds, scale, visible + i, blocks * Block, inverses + i);
    }

    public override void Mix(float* weights, nint ldw, int n, float** values, int blocks, int row, float* scale, float* output)
    {
        for (var first = 0; first < n; first += ValueRows)
        {
            var count = Math.Min(ValueRows, n - first);
            var column = 0;
            for (; column <= row - (C.Value * L.Width); column += C.Value * L.Width)
                Mix<C>(count, weights + (first * ldw), ldw, values, column, blocks, row, scale + first, output + (first * row) + column);
            if (C.Value > 2 && column <= row - (2 * L.Width))
            {
                Mix<Two>(count, weights + (first * ldw), ldw, values, column, blocks, row, scale + first, output + (first * row) + column);
                column += 2 * L.Width;
            }
            for (; column < row; column += L.Width)
                Mix<One>(count, weights + (first * ldw), ldw, values, column, blocks, row, scale + first, output + (first * row) + column);
        }
    }

    private static void Product<S>(float* a, nint lda, int rows, S* weights, PackedMatrix w, float* c, nint ldc, bool accumulate)
        where S : unmanaged
    {
        if (C.Value == 4 && L.Width == 16 && rows > TileRows)
        {
            Tall(a, lda, rows, weights, w, c, ldc, accumulate);
            return;
        }
        var tiles = (rows + TileRows - 1) / TileRows;
        for (var column = 0; column < w.Padded; column += C.Value * L.Width)
        {
            // All rows pass over some columns before the next ones are begun: they come from memory once.
            S* w0 = Column(weights, w, column), w1 = w0, w2 = w0, w3 = w0;
            if (C.Value > 1) w1 = Column(weights, w, column + L.Width);
            if (C.Value > 2)
            {
                w2 = Column(weights, w, column + (2 * L.Width));
                w3 = Column(weights, w, column + (3 * L.Width));
            }
            float* bias = w.Bias == null ? null : w.Bias + column;
            for (var tile = 0; tile < tiles; tile++)
            {
                var first = rows * tile / tiles;
                var n = (rows * (tile + 1) / tiles) - first;
                Tile<S, C>(n, a + (first * lda), lda, w.Inputs, w0, w1, w2, w3, w.PanelWidth, c + (first * ldc) + column, ldc, bias, accumulate);
            }
        }
    }

    private static S* Column<S>(S* weights, PackedMatrix w, int column)
        where S : unmanaged => weights + ((nint)(column / w.PanelWidth) * w.Inputs * w.PanelWidth) + (column % w.PanelWidth);

    private static void Tall<S>(float* a, nint lda, int rows, S* weights, PackedMatrix w, float* c, nint ldc, bool accumulate)
        where S : unmanaged
    {
        var tiles = (rows + TallRows - 1) / TallRows;
        for (var column = 0; column < w.Padded; column += 2 * L.Width)
        {
            S* at = Column(weights, w, column);
            float* bias = w.Bias == null ? null : w.Bias + column;
            for (var tile = 0; tile < tiles; tile++)
            {
                var first = rows * tile / tiles;
                var n = (rows * (tile + 1) / tiles) - first;
                S* next = column + (2 * L.Width) < w.Padded && tile < 2 && tiles > 1 ? Column(weights, w, column + (2 * L.Width)) + ((nint)tile * w.Inputs * (64 / sizeof(S))) : at;
                float* x = a + (first * lda), y = c + (first * ldc) + column;
                switch (n)
                {
                    case 7: TallTile<L, V, S, Seven>.Multiply(x, lda, w.Inputs, at, w.PanelWidth, y, ldc, bias, accumulate, next); break;
                    case 8: TallTile<L, V, S, Eight>.Multiply(x, lda, w.Inputs, at, w.PanelWidth, y, ldc, bias, accumulate, next); break;
                    case 9: TallTile<L, V, S, Nine>.Multiply(x, lda, w.Inputs, at, w.PanelWidth, y, ldc, bias, accumulate, next); break;
                    case 10: TallTile<L, V, S, Ten>.Multiply(x, lda, w.Inputs, at, w.PanelWidth, y, ldc, bias, accumulate, next); break;
                    case 11: TallTile<L, V, S, Eleven>.Multiply(x, lda, w.Inputs, at, w.PanelWidth, y, ldc, bias, accumulate, next); break;
                    default: TallTile<L, V, S, Twelve>.Multiply(x, lda, w.Inputs, at, w.PanelWidth, y, ldc, bias, accumulate, next); break;
                }
            }
        }
    }

    private static void Tile<S, K>(int n, float* a, nint lda, nint depth, S* w0, S* w1, S* w2, S* w3, nint step, float* c, nint ldc, float* bias, bool accumulate)
        where S : unmanaged
        where K : struct, ICount
    {
        switch (n)
        {
            case 1: RowTile<L, V, S, One, K>.Multiply(a, lda, 1, depth, w0, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 2: RowTile<L, V, S, Two, K>.Multiply(a, lda, 1, depth, w0, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 3: RowTile<L, V, S, Three, K>.Multiply(a, lda, 1, depth, w0, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 4: RowTile<L, V, S, Four, K>.Multiply(a, lda, 1, depth, w0, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 5: RowTile<L, V, S, Five, K>.Multiply(a, lda, 1, depth, w0, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            default: RowTile<L, V, S, Six, K>.Multiply(a, lda, 1, depth, w0, w1, w2, w3, step, c, ldc, bias, accumulate); break;
        }
    }

    private static void ScoreTile<K>(int n, float* queries, nint size, float** keys, float* scores, nint lds)
        where K : struct, ICount
    {
        switch (n)
        {
            case 1: ScoreTile<L, V, One, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 2: ScoreTile<L, V, Two, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 3: ScoreTile<L, V, Three, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 4: ScoreTile<L, V, Four, K>.Multiply(queries, size, size, keys, scores, lds); break;
            case 5: ScoreTile<L, V, Five, K>.Multiply(queries, size, size, keys, scores, lds); break;
            default: ScoreTile<L, V, Six, K>.Multiply(queries, size, size, keys, scores, lds); break;
        }
    }

    private static void Mix<K>(int n, float* p, nint ldp, float** values, nint column, int blocks, int row, float* scale, float* output)
        where K : struct, ICount
    {
        switch (n)
        {
            case 1: ValueTile<L, V, One, K>.Mix(p, ldp, values, column, blocks, row, scale, output, row); break;
            case 2: ValueTile<L, V, Two, K>.Mix(p, ldp, values, column, blocks, row, scale, output, row); break;
            default: ValueTile<L, V, Three, K>.Mix(p, ldp, values, column, blocks, row, scale, output, row); break;
        }
    }
}
