namespace AgentRL.Cpu.Kernels;

internal sealed unsafe partial class VectorTrainingKernels<L, V, C>
{
    public override (float LogSum, float Inverse) Soften(float* scores, int visible, int length)
    {
        var seen = Padded(visible);
        for (var i = visible; i < seen; i++) scores[i] = float.NegativeInfinity;
        for (var i = seen; i < length; i += L.Width) L.Store(L.Zero, scores + i);
        var largest = L.Load(scores);
        for (var i = L.Width; i < seen; i += L.Width) largest = L.Max(largest, L.Load(scores + i));
        var top = L.Largest(largest);
        V from = L.All(top), sum = L.Zero;
        for (var i = 0; i < seen; i += L.Width)
        {
            var e = VectorMath<L, V>.Exp(L.Subtract(L.Load(scores + i), from));
            L.Store(e, scores + i);
            sum = L.Add(sum, e);
        }
        var total = L.Sum(sum);
        return (top + MathF.Log(total), 1 / total);
    }

    public override void SoftenGradient(float* scores, float* dp, int visible, int length, float logSum, float delta)
    {
        var seen = Padded(visible);
        for (var i = visible; i < seen; i++) (scores[i], dp[i]) = (float.NegativeInfinity, 0);
        for (var i = seen; i < length; i += L.Width)
        {
            L.Store(L.Zero, scores + i);
            L.Store(L.Zero, dp + i);
        }
        V sum = L.All(logSum), d = L.All(delta);
        for (var i = 0; i < seen; i += L.Width)
        {
            var p = VectorMath<L, V>.Exp(L.Subtract(L.Load(scores + i), sum));
            L.Store(p, scores + i);
            L.Store(L.Multiply(p, L.Subtract(L.Load(dp + i), d)), dp + i);
        }
    }

    public override (float Largest, float Sum, float Weighted) LogitSums(float* z, int length, float scale)
    {
        var factor = L.All(scale);
        var largest = L.Load(z);
        for (var i = L.Width; i < length; i += L.Width) largest = L.Max(largest, L.Load(z + i));
        var top = L.Largest(largest) * scale;
        V from = L.All(top), sum = L.Zero, weighted = L.Zero;
        for (var i = 0; i < length; i += L.Width)
        {
            var x = L.Subtract(L.Multiply(L.Load(z + i), factor), from);
            var e = VectorMath<L, V>.Exp(x);
            sum = L.Add(sum, e);
            weighted = L.MultiplyAdd(e, x, weighted);
        }
        return (top, L.Sum(sum), L.Sum(weighted));
    }

    public override void LogitGradient(float* z, int length, float scale, float logSum, float dlogp, float dentropy, float entropy)
    {
        V factor = L.All(scale), sum = L.All(logSum), slope = L.All(-scale * dentropy), constant = L.All(-scale * (dlogp + (dentropy * entropy)));
        for (var i = 0; i < length; i += L.Width)
        {
            var logp = L.Subtract(L.Multiply(L.Load(z + i), factor), sum);
            L.Store(L.Multiply(VectorMath<L, V>.Exp(logp), L.MultiplyAdd(slope, logp, constant)), z + i);
        }
    }
}
