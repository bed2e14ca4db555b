using System.Runtime.Intrinsics;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// The arithmetic of a transformer over plain memory, for one width of vector registers. Everything is computed row by row in one fixed order:
/// a row's results do not depend on the rows beside it.
/// </summary>
internal abstract unsafe class CpuKernels
{
    /// <summary>How many blocks of keys or values before its turn one is fetched: 16 kilobytes for heads of 32 numbers.</summary>
    public const int Ahead = 4;

    /// <summary>Those of the widest registers this processor has.</summary>
    public static CpuKernels Best { get; } = Available[0];

    /// <summary>All that this processor runs, the widest first; the last one runs anywhere.</summary>
    public static IReadOnlyList<CpuKernels> Available =>
    [
        .. Vector512.IsHardwareAccelerated ? [new VectorKernels<Lanes512, Vector512<float>, Four>()] : Array.Empty<CpuKernels>(),
        .. Vector256.IsHardwareAccelerated ? [new VectorKernels<Lanes256, Vector256<float>, Two>()] : Array.Empty<CpuKernels>(),
        new VectorKernels<Lanes128, Vector128<float>, Four>(),
    ];

    /// <summary>Numbers in a register.</summary>
    public abstract int Width { get; }

    /// <summary>c[rows][padded outputs] = a[rows][inputs] · w (+ bias) (+ c).</summary>
    public abstract void Product(float* a, nint lda, int rows, PackedMatrix w, float* c, nint ldc, bool accumulate);

    /// <summary>y = x / sqrt(mean(x²) + ε) · weight; x and y may be the same. Whether all of x is finite (its squares' sum, strictly).</summary>
    public abstract bool Normalize(float* x, float* weight, int length, float epsilon, float* y);

    /// <summary>Rotates the pairs (i, i + half) of a head by given angles' cosines and sines.</summary>
    public abstract void Rotate(float* head, float* cosines, float* sines, int half);

    /// <summary>gate = silu(gate) · up, length a multiple of 16.</summary>
    public abstract void Gate(float* gate, float* up, int length);

    /// <summary>
    /// scores[n][16 · blocks] = queries[n][size] · keys, for n ≤ 6 rows over blocks of keys [size][16], whose addresses are given; <see cref="Ahead"/> further
    /// addresses are of what is to be fetched meanwhile.
    /// </summary>
    public abstract void Scores(float* queries, int size, int n, float** keys, int blocks, float* scores, nint lds);

    /// <summary>
    /// Turns the first <paramref name="visible"/>[i] scores of each of n rows into exp(scale · (score − largest)) and the rest of its 16 · blocks into
    /// zeros. <paramref name="inverses"/>[i]: one over their sum.
    /// </summary>
    public abstract void Soften(float* scores, nint lds, int n, float scale, int* visible, int blocks, float* inverses);

    /// <summary>
    /// output[n][row] = scale · weights[n][positions] · values, for n ≤ 6 rows over blocks of values [16][row], whose addresses are given, row a multiple of
    /// 16 and the distance of the results' rows; <see cref="Ahead"/> further addresses are of what is to be fetched meanwhile. When positions are odd, a
    /// weight of zero follows.
    /// </summary>
    public abstract void Mix(float* weights, nint ldw, int n, float** values, int positions, int row, float* scale, float* output);
}
