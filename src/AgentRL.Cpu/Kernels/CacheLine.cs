using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AgentRL.Cpu.Kernels;

/// <summary>Asks for memory before it is needed, where the processor has an instruction for that.</summary>
internal static unsafe class CacheLine
{
    /// <summary>Numbers in a line.</summary>
    public const int Floats = 16;

    public const int Bytes = Floats * sizeof(float);

    /// <summary>Begins to fetch the line that holds a number; nothing happens at an address that cannot be read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(void* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(address);
    }
}
