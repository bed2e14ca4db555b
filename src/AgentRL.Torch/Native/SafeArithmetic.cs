#pragma warning disable RS0030 // This is the one place where numbers become scalars.
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Native;

/// <summary>
/// Arithmetic with numbers that cannot be freed under the operation's feet. TorchSharp turns a number into a native <see cref="Scalar"/> and
/// passes on its address alone; nothing keeps the object alive during the native call, and a garbage collection in that moment finalizes it (seen as an
/// exception from <c>Scalar.toFloat</c> within minutes of training; a wrong number would go unseen). Even <c>a + b</c> on tensors makes one, for
/// its factor of 1. Here every scalar is either static or disposed after the call. Tensors need no such care inside a dispose scope, which holds them.
/// </summary>
internal static class SafeArithmetic
{
    private static readonly Scalar One = 1;

    /// <summary>A scalar for a field: as long as its holder lives, so does it.</summary>
    internal static Scalar Held(double value) => value;

    internal static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    internal static Tensor Plus(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.add(s, One);
    }

    /// <summary>a + b for a scalar that the caller holds on to.</summary>
    internal static Tensor PlusHeld(this Tensor a, Scalar b) => a.add(b, One);

    internal static Tensor Minus(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.sub(s);
    }

    internal static Tensor Times(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.mul(s);
    }

    internal static Tensor AtMost(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.clamp_max(s);
    }

    internal static Tensor AtLeast(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.clamp_min(s);
    }

    internal static Tensor Between(this Tensor a, double low, double high)
    {
        using Scalar l = low, h = high;
        return a.clamp(l, h);
    }

    /// <summary>a with rows of b added at the given indices of dimension 0.</summary>
    internal static Tensor PlusAt(this Tensor a, Tensor indices, Tensor b) => a.index_add(0, indices, b, One);

    /// <summary>a ← a + factor · b.</summary>
    internal static Tensor Add_(this Tensor a, Tensor b, double factor)
    {
        using Scalar s = factor;
        return a.add_(b, s);
    }

    /// <summary>a ← a + b.</summary>
    internal static Tensor Add_(this Tensor a, Tensor b) => a.add_(b, One);

    /// <summary>a ← a + b.</summary>
    internal static Tensor Add_(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.add_(s, One);
    }

    /// <summary>a ← a · b.</summary>
    internal static Tensor Mul_(this Tensor a, double b)
    {
        using Scalar s = b;
        return a.mul_(s);
    }

    /// <summary>a ← a + factor · b · c.</summary>
    internal static Tensor AddProduct_(this Tensor a, Tensor b, Tensor c, double factor)
    {
        using Scalar s = factor;
        return a.addcmul_(b, c, s);
    }
}
