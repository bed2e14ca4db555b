using System.Runtime.Intrinsics;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// The arithmetic of a transformer over plain memory, for one width of vector registers. Everything is computed row by row in one fixed order:
/// a row's results do not depend on the rows beside it.
/// </summary>
internal abstract unsafe class CpuKernels
{
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

    /// <summary>Attention over keys and values held in some way.</summary>
    public abstract CacheKernels Caches(CacheStorage storage);
}
