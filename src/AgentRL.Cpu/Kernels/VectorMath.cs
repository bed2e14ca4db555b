using System.Runtime.CompilerServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>Functions of vectors that processors have no instruction for.</summary>
internal static class VectorMath<L, V>
    where L : struct, ILanes<V>
    where V : struct
{
    private const float Lowest = -87.3f, Highest = 88.3f; // e^x is a normal number between them

    /// <summary>
    /// e^x = 2^n · e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2, e^r by its series to r^7 / 7!, whose remainder (5e-9) is below float32's rounding.
    /// 0 below −87.3, about 2.2e38 above 88.3.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        V lowest = L.All(Lowest);
        V y = L.Min(L.All(Highest), L.Max(lowest, x)); // x last: what is not a number stays so
        V n = L.Round(L.Multiply(y, L.All(1.44269504f)));
        // ln 2 in two parts, the first short enough for n times it to be exact.
        V r = L.MultiplyAdd(n, L.All(-1.42860682e-6f), L.MultiplyAdd(n, L.All(-0.693145751953125f), y));
        V p = L.MultiplyAdd(r, L.All(1f / 5040), L.All(1f / 720));
        p = L.MultiplyAdd(p, r, L.All(1f / 120));
        p = L.MultiplyAdd(p, r, L.All(1f / 24));
        p = L.MultiplyAdd(p, r, L.All(1f / 6));
        p = L.MultiplyAdd(p, r, L.All(0.5f));
        p = L.MultiplyAdd(L.Multiply(r, r), p, L.Add(r, L.All(1)));
        return L.ZeroBelow(x, lowest, L.Scale(p, n));
    }
}
