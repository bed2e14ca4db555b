using System.Runtime.InteropServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// A region of zeroed memory, on Linux in pages of two megabytes: keys and values are read a few kilobytes here and there, and weights again and again;
/// looking up small pages costs a tenth of that. It comes from the system itself: a heap hands out memory again that is in small pages already.
/// </summary>
internal sealed unsafe partial class HugePages
{
    /// <summary>Bytes of a page; a region is a multiple of it.</summary>
    public const long Size = 2 << 20;

    private const int ReadAndWrite = 3, PrivateAnonymous = 0x22, Huge = 14; // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MADV_HUGEPAGE

    private static readonly bool IsMapped = CanMap();

    private readonly void* reserved;
    private readonly nuint length;

    /// <summary>Reserves memory; pages that nobody has written to are not resident.</summary>
    /// <exception cref="OutOfMemoryException">There is no room for it.</exception>
    public HugePages(long bytes)
    {
        // So much more that it can begin at a page's border, or at a line's.
        var border = IsMapped ? (nuint)Size : CacheLine.Bytes;
        length = checked((nuint)bytes + border);
        reserved = IsMapped ? Map(null, length, ReadAndWrite, PrivateAnonymous, -1, 0) : NativeMemory.AllocZeroed(length);
        if ((nuint)reserved == nuint.MaxValue) throw new OutOfMemoryException($"there is no room for {bytes >> 20} MiB of memory");
        Start = (byte*)(((nuint)reserved + border - 1) & ~(border - 1));
        if (IsMapped) _ = Advise(Start, (nuint)bytes, Huge); // a system that has none gives small ones
    }

    public byte* Start { get; }

    /// <summary>Gives it back.</summary>
    public void Free()
    {
        if (IsMapped) _ = Unmap(reserved, length);
        else NativeMemory.Free(reserved);
    }

    /// <summary>Whether the system is asked itself. Where another C library has other names for it, its heap does, with small pages.</summary>
    private static bool CanMap()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return Unmap(Map(null, (nuint)Size, ReadAndWrite, PrivateAnonymous, -1, 0), (nuint)Size) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* start, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* start, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
