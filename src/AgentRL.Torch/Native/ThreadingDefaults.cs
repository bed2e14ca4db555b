using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentRL.Torch.Native;

/// <summary>
/// Settings the tensor library's native parts read once, when they are loaded. <see cref="Environment.SetEnvironmentVariable(string, string)"/>
/// does not reach native code on Linux, the C library's <c>setenv</c> does; what the user has set is left alone.
/// </summary>
internal static partial class ThreadingDefaults
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
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: the default stays.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
