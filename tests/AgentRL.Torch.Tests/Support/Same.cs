using TorchSharp;

namespace AgentRL.Torch.Tests.Support;

internal static class Same
{
    /// <summary>The same type, shape and values, NaN nowhere.</summary>
    internal static bool Bits(torch.Tensor a, torch.Tensor b)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return a.dtype == b.dtype && a.shape.SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
    }
}
