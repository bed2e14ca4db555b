using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>Loads numbers by how they are stored.</summary>
/// <typeparam name="L">Width of the registers.</typeparam>
/// <typeparam name="V">Their type.</typeparam>
/// <typeparam name="S">float; ushort for bfloat16; short for whole numbers, whose scale is the caller's.</typeparam>
internal static unsafe class Stored<L, V, S>
    where L : struct, ILanes<V>
    where V : struct
    where S : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(S* source)
    {
        if (typeof(S) == typeof(float)) return L.Load((float*)source);
        return typeof(S) == typeof(short) ? L.Convert((short*)source) : L.Widen((ushort*)source);
    }
}
