using System.Runtime.InteropServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>Asks Linux for pages of two megabytes: caches of keys are read a few kilobytes here and there, and looking up small pages costs a tenth of that.</summary>
internal static unsafe partial class HugePages
{
    private const long Least = 4 << 20;
    private const nuint SmallPage = 4096;
    private const int Huge = 14; // MADV_HUGEPAGE

    public static void Ask(void* start, long bytes)
    {
        if (bytes < Least || !OperatingSystem.IsLinux()) return;
        try
        {
            var first = ((nuint)start + SmallPage - 1) & ~(SmallPage - 1);
            _ = Advise((void*)first, ((nuint)bytes & ~(SmallPage - 1)) - SmallPage, Huge);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: small pages do, too.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
