using TorchSharp;

namespace AgentRL.Torch.Models;

/// <summary>
/// Constants for tensor operations. TorchSharp hands a scalar's native address to the native call and lets go of the scalar, so that a garbage
/// collection in another thread can free it while it is being read: a wrong number, or a crash. Scalars of ours are therefore always held, here, in a
/// field or by <c>using</c>; and operations that make one inside (<c>a + b</c>, <c>add(b)</c>, <c>square()</c>) are called in the form that takes it.
/// </summary>
internal static class HeldScalars
{
    internal static readonly Scalar One = 1, Two = 2;

    /// <summary>a + b.</summary>
    internal static torch.Tensor Plus(this torch.Tensor a, torch.Tensor b) => a.add(b, One);
}
