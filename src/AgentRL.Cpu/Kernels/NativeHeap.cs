namespace AgentRL.Cpu.Kernels;

/// <summary>
/// Hands out zeroed memory, line by line aligned: what is large has a region for itself, what is small lies one after the other in a common one, so
/// that a model's matrices share large pages. A region goes back to the system when it is full and all that lies in it has been freed; no place is used twice.
/// </summary>
internal static unsafe class NativeHeap
{
    private const long Common = 8 * HugePages.Size;

    private static readonly Lock Gate = new();
    private static Region? open;

    /// <summary>Takes bytes, of which there may be none.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="start">Where they begin: at a cache line.</param>
    /// <returns>What to <see cref="Return"/> when they are no longer needed.</returns>
    /// <exception cref="OutOfMemoryException">There is no room for it.</exception>
    public static Region Take(long bytes, out byte* start)
    {
        var size = (bytes + CacheLine.Bytes - 1) / CacheLine.Bytes * CacheLine.Bytes;
        if (size >= HugePages.Size) return new Region((size + HugePages.Size - 1) / HugePages.Size * HugePages.Size).Take(size, out start);
        lock (Gate)
        {
            if (open is null || open.Left < size)
            {
                var fresh = new Region(Common);
                if (open is { IsEmpty: true }) open.Free();
                open = fresh;
            }
            return open.Take(size, out start);
        }
    }

    public static void Return(Region region)
    {
        lock (Gate)
        {
            region.Leave();
            if (region.IsEmpty && region != open) region.Free();
        }
    }

    /// <summary>Memory from the system, filled from its beginning.</summary>
    internal sealed class Region(long bytes)
    {
        private readonly HugePages pages = new(bytes);
        private long used;
        private int tenants;

        public long Left => bytes - used;

        public bool IsEmpty => tenants == 0;

        public Region Take(long size, out byte* place)
        {
            place = pages.Start + used;
            used += size;
            tenants++;
            return this;
        }

        /// <summary>One of those that lie in it is gone.</summary>
        public void Leave() => tenants--;

        public void Free() => pages.Free();
    }
}
