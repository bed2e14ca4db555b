using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>Where things lie in a block of keys or values: numbers of 16 positions, then, where they are whole ones, a scale of each position.</summary>
/// <typeparam name="S">How numbers are held: float, or short for whole numbers with scales.</typeparam>
internal static unsafe class CacheBlock<S>
    where S : unmanaged
{
    /// <summary>Whether scales follow the numbers; the compiler knows it.</summary>
    public static bool HasScales
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(S) != typeof(float);
    }

    /// <summary>Bytes of a block with so many numbers a position.</summary>
    public static nint Bytes(nint numbers) => (CacheKernels.Block * numbers * sizeof(S)) + (HasScales ? CacheKernels.Block * sizeof(float) : 0);

    /// <summary>[16]: the scales of a block with so many numbers a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Scales(void* block, nint numbers) => (float*)((S*)block + (CacheKernels.Block * numbers));
}
