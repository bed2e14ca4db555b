using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentRL.Torch.Native;

/// <summary>
/// Settings of the tensor library's native parts, made before they are loaded. <see cref="Environment.SetEnvironmentVariable(string, string)"/>
/// does not reach native code on Linux, the C library's <c>setenv</c> does; what the user has set is left alone.
/// </summary>
internal static partial class NativeDefaults
{
    // CA2255 guards libraries against surprising initializers; this one must run before any tensor is made and does nothing else.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            // libgomp's threads spin at barriers by default: with a busy neighbour on the same cores that is 6 to 400 times slower.
            _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", 0);
            // The C library gives every large tensor fresh pages and returns them when it is freed: half of a training step's time then goes into
            // the kernel's zeroing them. Keep what has been freed instead; memory stays at its peak, which a step reaches anyway.
            _ = SetAllocator(MemoryMapThreshold, 32 << 20);
            _ = SetAllocator(TrimThreshold, int.MaxValue);
            _ = SetAllocator(TopPad, 16 << 20);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: the default stays.
        }
    }

    private const int TrimThreshold = -1, TopPad = -2, MemoryMapThreshold = -3;

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
