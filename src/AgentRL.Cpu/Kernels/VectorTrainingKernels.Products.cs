namespace AgentRL.Cpu.Kernels;

internal sealed unsafe partial class VectorTrainingKernels<L, V, C>
{
    private const int TileRows = 6;

    public override void Multiply(float* a, nint lda, int rows, int depth, float* w, nint step, int columns, float* c, nint ldc, float* bias, bool accumulate)
    {
        // The widest tiles first; what is left of a panel takes narrower ones instead of work on padding.
        var column = 0;
        for (; column <= columns - (C.Value * L.Width); column += C.Value * L.Width)
            Strip<C>(a, lda, rows, depth, w + column, step, c + column, ldc, bias == null ? null : bias + column, accumulate);
        if (C.Value > 2 && column <= columns - (2 * L.Width))
        {
            Strip<Two>(a, lda, rows, depth, w + column, step, c + column, ldc, bias == null ? null : bias + column, accumulate);
            column += 2 * L.Width;
        }
        for (; column < columns; column += L.Width)
            Strip<One>(a, lda, rows, depth, w + column, step, c + column, ldc, bias == null ? null : bias + column, accumulate);
    }

    public override void Outer(float* a, nint lda, int outputs, float* x, nint ldx, int columns, int tokens, float* c, nint ldc, int lead)
    {
        var column = 0;
        for (; column <= columns - (C.Value * L.Width); column += C.Value * L.Width)
            OuterStrip<C>(a, lda, outputs, x + column, ldx, tokens, c + column, ldc, lead);
        if (C.Value > 2 && column <= columns - (2 * L.Width))
        {
            OuterStrip<Two>(a, lda, outputs, x + column, ldx, tokens, c + column, ldc, lead);
            column += 2 * L.Width;
        }
        for (; column < columns; column += L.Width)
            OuterStrip<One>(a, lda, outputs, x + column, ldx, tokens, c + column, ldc, lead);
    }

    private static void Strip<K>(float* a, nint lda, int rows, int depth, float* w, nint step, float* c, nint ldc, float* bias, bool accumulate)
        where K : struct, ICount
    {
        var tiles = (rows + TileRows - 1) / TileRows;
        for (var tile = 0; tile < tiles; tile++)
        {
            var first = (int)((long)rows * tile / tiles);
            Tile<K>((int)((long)rows * (tile + 1) / tiles) - first, a + (first * lda), lda, 1, depth, w, step, c + (first * ldc), ldc, bias, accumulate);
        }
    }

    /// <summary>A row of results is a column of a, and the sums run over tokens.</summary>
    private static void OuterStrip<K>(float* a, nint lda, int outputs, float* x, nint ldx, int tokens, float* c, nint ldc, int lead)
        where K : struct, ICount
    {
        var tiles = (outputs + TileRows - 1) / TileRows;
        for (var tile = 0; tile < tiles; tile++)
        {
            var first = (int)((long)outputs * tile / tiles);
            var begin = Math.Max(0, first - lead);
            if (begin >= tokens) return;
            Tile<K>((int)((long)outputs * (tile + 1) / tiles) - first, a + (begin * lda) + first, 1, lda, tokens - begin, x + (begin * ldx), ldx, c + (first * ldc), ldc, null, true);
        }
    }

    private static void Tile<K>(int n, float* a, nint lda, nint stride, int depth, float* w, nint step, float* c, nint ldc, float* bias, bool accumulate)
        where K : struct, ICount
    {
        float* w1 = w + L.Width, w2 = w + (2 * L.Width), w3 = w + (3 * L.Width);
        switch (n)
        {
            case 1: RowTile<L, V, float, One, K>.Multiply(a, lda, stride, depth, w, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 2: RowTile<L, V, float, Two, K>.Multiply(a, lda, stride, depth, w, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 3: RowTile<L, V, float, Three, K>.Multiply(a, lda, stride, depth, w, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 4: RowTile<L, V, float, Four, K>.Multiply(a, lda, stride, depth, w, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            case 5: RowTile<L, V, float, Five, K>.Multiply(a, lda, stride, depth, w, w1, w2, w3, step, c, ldc, bias, accumulate); break;
            default: RowTile<L, V, float, Six, K>.Multiply(a, lda, stride, depth, w, w1, w2, w3, step, c, ldc, bias, accumulate); break;
        }
    }
}
