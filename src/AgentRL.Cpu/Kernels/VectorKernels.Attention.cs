namespace AgentRL.Cpu.Kernels;

/// <content>Attention over blocks of keys and values.</content>
internal sealed unsafe partial class VectorKernels<L, V, C>
{
    private const int ValueRows = 3, Block = 16;

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

    public override void Mix(float* weights, nint ldw, int n, float** values, int positions, int row, float* scale, float* output)
    {
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

    private static void Mix<K>(int n, float* p, nint ldp, float** values, nint column, int positions, int row, float* scale, float* output)
        where K : struct, ICount
    {
        switch (n)
        {
            case 1: ValueTile<L, V, One, K>.Mix(p, ldp, values, column, positions, row, scale, output, row); break;
            case 2: ValueTile<L, V, Two, K>.Mix(p, ldp, values, column, positions, row, scale, output, row); break;
            default: ValueTile<L, V, Three, K>.Mix(p, ldp, values, column, positions, row, scale, output, row); break;
        }
    }
}
