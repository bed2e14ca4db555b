using System.Runtime.InteropServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>Zeroed memory outside the managed heap, aligned to a cache line. Pages that nobody has written to are not resident.</summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private const nuint Line = 64;
    private void* allocated;

    public NativeBuffer(long length)
    {
        Length = length;
        // AllocZeroed leaves large blocks untouched; an aligned allocation would have to be cleared by hand.
        allocated = NativeMemory.AllocZeroed(checked((nuint)length * (nuint)sizeof(T) + Line));
        HugePages.Ask(allocated, length * sizeof(T));
        Pointer = (T*)(((nuint)allocated + Line - 1) & ~(Line - 1));
    }

    ~NativeBuffer() => Free();

    public T* Pointer { get; private set; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, checked((int)Length));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(allocated);
        allocated = null;
        Pointer = null;
    }
}
