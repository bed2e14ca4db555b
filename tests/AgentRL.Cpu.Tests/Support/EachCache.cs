using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Tests.Support;

/// <summary>The attention of every width that this processor has, over both ways of holding keys and values.</summary>
public sealed class EachCache : TheoryData<int, CacheStorage>
{
    public EachCache()
    {
        foreach (var kernels in CpuKernels.Available)
        {
            foreach (var storage in Enum.GetValues<CacheStorage>()) Add(kernels.Width, storage);
        }
    }

    internal static CacheKernels Of(int width, CacheStorage storage) => EachWidth.Of(width).Caches(storage);
}
