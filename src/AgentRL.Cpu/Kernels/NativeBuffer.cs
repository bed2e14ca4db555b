namespace AgentRL.Cpu.Kernels;

/// <summary>Zeroed memory outside the managed heap, aligned to a cache line. Pages that nobody has written to are not resident.</summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private NativeHeap.Region? region;

    /// <param name="length">Numbers.</param>
    /// <exception cref="OutOfMemoryException">There is no room for them.</exception>
    public NativeBuffer(long length)
    {
        Length = length;
        region = NativeHeap.Take(checked(length * sizeof(T)), out byte* start);
        Pointer = (T*)start;
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
        Pointer = null;
        if (Interlocked.Exchange(ref region, null) is { } taken) NativeHeap.Return(taken);
    }
}
