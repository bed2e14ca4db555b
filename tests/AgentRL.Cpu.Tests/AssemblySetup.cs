using System.Runtime.CompilerServices;
using TorchSharp;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AgentRL.Cpu.Tests;

internal static class AssemblySetup
{
    // One thread: several torch threads beside other work on few cores are slower by orders of magnitude.
    [ModuleInitializer]
    internal static void UseOneThread() => torch.set_num_threads(1);
}
