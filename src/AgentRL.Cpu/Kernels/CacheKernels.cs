namespace AgentRL.Cpu.Kernels;

/// <summary>
/// Attention over cached keys and values, for one width of registers and one way of holding them. A block has a head's numbers of 16 positions: keys
/// [size][16], so that sixteen scores come out of one vector, or values [16][row], the head's size padded to a multiple of 16. Where numbers are whole
/// ones, their positions' scales follow: [16] of float32. Blocks are aligned to cache lines; what is computed does not depend on the rows beside it.
/// </summary>
internal abstract unsafe class CacheKernels
{
    /// <summary>Positions of a block.</summary>
    public const int Block = 16;

    /// <summary>How many blocks of keys or values before its turn one is fetched.</summary>
    public const int Ahead = 4;

    /// <summary>Bytes of a block of keys of a head of some size.</summary>
    public nint KeyBytes(int size) => BytesOf(size);

    /// <summary>Bytes of a block of values.</summary>
    public nint ValueBytes(int size) => BytesOf(Row(size));

    /// <summary>Numbers from one position's values to the next one's.</summary>
    public static int Row(int size) => (size + Block - 1) / Block * Block;

    /// <summary>Stores a position's key in its block, and may overwrite it. If one of its numbers is not finite, all scores are not.</summary>
    public abstract void StoreKey(float* key, int size, byte* block, int position);

    /// <summary>Stores a position's values in its block.</summary>
    public abstract void StoreValue(float* value, int size, byte* block, int position);

    /// <summary>
    /// scores[n][16 · blocks] = queries[n][size] · keys, for n ≤ 6 rows over blocks of keys, whose addresses are given; <see cref="Ahead"/> further
    /// addresses are of what is to be fetched meanwhile.
    /// </summary>
    public abstract void Scores(float* queries, int size, int n, byte** keys, int blocks, float* scores, nint lds);

    /// <summary>
    /// Turns the first <paramref name="visible"/>[i] scores of each of n rows into exp(factor · (score − largest)), times the scale of the position's values, and
    /// the rest of its 16 · blocks into zeros. <paramref name="inverses"/>[i]: one over the exponentials' sum.
    /// </summary>
    public abstract void Soften(float* scores, nint lds, int n, float factor, int* visible, int blocks, byte** values, int size, float* inverses);

    /// <summary>
    /// output[n][row] = scale · weights[n][positions] · values, for n ≤ 6 rows over blocks of values, whose addresses are given; <see cref="Ahead"/> further
    /// addresses are of what is to be fetched meanwhile. Weights are softened ones. When positions are odd, a weight of zero follows.
    /// </summary>
    public abstract void Mix(float* weights, nint ldw, int n, byte** values, int positions, int size, float* scale, float* output);

    /// <summary>Bytes of a block with so many numbers a position.</summary>
    protected abstract nint BytesOf(int numbers);
}
