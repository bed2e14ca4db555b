using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AgentRL.Rollouts;

/// <summary>
/// e^x for x ≤ 0, sixteen at a time: 2^n · e^r with n = round(x / ln 2), and e^r by its series to r^7 / 7!. Within two units in the last place; 0 below −87.3.
/// The runtime's own goes through double precision and takes several times as long, which a small model's sampling would notice.
/// </summary>
internal static class VectorExponential
{
    private const float Lowest = -87.3f;

    /// <summary>e^x of each; what is not a number stays so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Of(Vector512<float> x)
    {
        Vector512<float> y = Vector512.MaxNative(Vector512.Create(Lowest), x); // x last: what is not a number stays so
        Vector512<float> n = Vector512.Round(y * 1.44269504f);
        // ln 2 in two parts, the first short enough for n times it to be exact.
        Vector512<float> r = y - (n * 0.693145751953125f) - (n * 1.42860682e-6f);
        Vector512<float> p = Step(r * (1f / 5040), 1f / 720, r);
        p = Step(Step(Step(p, 1f / 120, r), 1f / 24, r), 1f / 6, r);
        p = (r * r * (p + Vector512.Create(0.5f))) + (r + Vector512<float>.One);
        Vector512<float> power = ((Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23).AsSingle();
        return Vector512.AndNot(p * power, Vector512.LessThan(x, Vector512.Create(Lowest)));
    }

    private static Vector512<float> Step(Vector512<float> p, float coefficient, Vector512<float> r) => (p + Vector512.Create(coefficient)) * r;
}
