using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Tests.Support;

/// <summary>Blocks of keys or values, in an order of their own as in a pool of pages, and the addresses behind which nothing needs to lie.</summary>
internal sealed unsafe class CacheBlocks : IDisposable
{
    private readonly NativeBuffer<byte> memory;
    private readonly NativeBuffer<nint> addresses;

    public CacheBlocks(nint bytes, int blocks)
    {
        memory = new NativeBuffer<byte>(bytes * blocks);
        addresses = new NativeBuffer<nint>(blocks + CacheKernels.Ahead);
        for (var b = 0; b < blocks; b++) addresses.Span[b] = (nint)(memory.Pointer + (bytes * (blocks - 1 - b)));
    }

    public byte** List => (byte**)addresses.Pointer;

    /// <summary>Blocks with the keys, or the values, of so many positions: [positions][size].</summary>
    public static CacheBlocks Of(CacheKernels kernels, float[] numbers, int size, bool keys)
    {
        var positions = numbers.Length / size;
        var blocks = new CacheBlocks(keys ? kernels.KeyBytes(size) : kernels.ValueBytes(size), (positions + CacheKernels.Block - 1) / CacheKernels.Block);
        for (var t = 0; t < positions; t++)
        {
            // Storing may overwrite its source.
            using var one = Numbers.Native(numbers[(t * size)..((t + 1) * size)]);
            if (keys) kernels.StoreKey(one.Pointer, size, blocks.List[t / CacheKernels.Block], t % CacheKernels.Block);
            else kernels.StoreValue(one.Pointer, size, blocks.List[t / CacheKernels.Block], t % CacheKernels.Block);
        }
        return blocks;
    }

    public void Dispose()
    {
        memory.Dispose();
        addresses.Dispose();
    }
}
