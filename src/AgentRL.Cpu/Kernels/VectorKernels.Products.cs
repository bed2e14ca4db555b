namespace AgentRL.Cpu.Kernels;

/// <content>Products of rows and packed weights.</content>
internal sealed unsafe partial class VectorKernels<L, V, C>
{
    private const int TileRows = 6, TallRows = 12;

    public override void Product(float* a, nint lda, int rows, PackedMatrix w, float* c, nint ldc, bool accumulate)
    {
        if (w.Floats != null) Product(a, lda, rows, w.Floats, w, c, ldc, accumulate);
        else Product(a, lda, rows, w.Halves, w, c, ldc, accumulate);
    }

    private static void Product<S>(float* a, nint lda, int rows, S* weights, PackedMatrix w, float* c, nint ldc, bool accumulate)
        where S : unmanaged
    {
        // Twelve rows of sums need the 32 registers that come with vectors of sixteen.
        if (L.Width == PackedMatrix.NarrowPanel / 2 && rows > TileRows)
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
                Tile<S, C>(n, a + (first * lda), lda, w.Inputs, w0, w1, w2, w3, w.Panel, c + (first * ldc) + column, ldc, bias, accumulate);
            }
        }
    }

    private static void Tall<S>(float* a, nint lda, int rows, S* weights, PackedMatrix w, float* c, nint ldc, bool accumulate)
        where S : unmanaged
    {
        var tiles = (rows + TallRows - 1) / TallRows;
        const int Columns = PackedMatrix.NarrowPanel;
        // A tile fetches a line a step: several share the next panel, one alone has no time for it.
        var (line, fetching) = (CacheLine.Bytes / sizeof(S), tiles == 1 ? 0 : Columns * sizeof(S) / CacheLine.Bytes);
        for (var column = 0; column < w.Padded; column += Columns)
        {
            S* panel = Column(weights, w, column), following = Column(weights, w, Math.Min(column + Columns, w.Padded - Columns));
            float* bias = w.Bias == null ? null : w.Bias + column;
            for (var tile = 0; tile < tiles; tile++)
            {
                var first = rows * tile / tiles;
                var n = (rows * (tile + 1) / tiles) - first;
                S* next = tile < fetching ? following + ((nint)tile * w.Inputs * line) : panel;
                TallTile(n, a + (first * lda), lda, w.Inputs, panel, w.Panel, c + (first * ldc) + column, ldc, bias, accumulate, next);
            }
        }
    }

    /// <summary>Where an output's weights begin.</summary>
    private static S* Column<S>(S* weights, PackedMatrix w, int output)
        where S : unmanaged => weights + ((nint)(output / w.Panel) * w.Inputs * w.Panel) + (output % w.Panel);

    private static void TallTile<S>(int n, float* a, nint lda, nint depth, S* w, nint step, float* c, nint ldc, float* bias, bool accumulate, S* next)
        where S : unmanaged
    {
        switch (n)
        {
            case 6: TallTile<L, V, S, Six>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
            case 7: TallTile<L, V, S, Seven>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
            case 8: TallTile<L, V, S, Eight>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
            case 9: TallTile<L, V, S, Nine>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
            case 10: TallTile<L, V, S, Ten>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
            case 11: TallTile<L, V, S, Eleven>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
            default: TallTile<L, V, S, Twelve>.Multiply(a, lda, depth, w, step, c, ldc, bias, accumulate, next); break;
        }
    }

    /// <summary>A tile of n ≤ 6 rows.</summary>
    internal static void Tile<S, K>(int n, float* a, nint lda, nint depth, S* w0, S* w1, S* w2, S* w3, nint step, float* c, nint ldc, float* bias, bool accumulate)
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
}
