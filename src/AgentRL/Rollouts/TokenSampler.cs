using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AgentRL.Rollouts;

/// <summary>
/// Draws a token by the inverse distribution function over ids in ascending order: the smallest id whose cumulative probability exceeds u.
/// Top-k first, then top-p of what is left, then what is left is renormalised; ties keep the lower id. Log-probability and
/// entropy are those of the distribution drawn from; of greedy decoding those at temperature 1. Shared by all engines; one a thread. Allocates nothing when drawing.
/// </summary>
/// <param name="vocabulary">Number of token ids.</param>
public sealed class TokenSampler(int vocabulary)
{
    private readonly float[] _mass = new float[vocabulary], _ordered = new float[vocabulary];
    private readonly int[] _ids = new int[vocabulary];

    /// <summary>Draws a token.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="sampling">The distribution.</param>
    /// <param name="uniform">In [0, 1); not used by greedy decoding.</param>
    /// <param name="forced">The token to take instead of drawing one; −1 draws.</param>
    /// <returns>The token; id −1 when a logit is not finite.</returns>
    public SampledToken Sample(ReadOnlySpan<float> logits, Sampling sampling, double uniform, int forced = -1)
    {
        float top = Largest(logits), inverse = sampling.IsGreedy ? 1 : (float)(1 / sampling.Temperature);
        double total = Exponentials(logits, top, inverse, out double weighted);
        if (!double.IsFinite(total))
            return new SampledToken(-1, float.NaN, float.NaN);
        if (sampling.IsGreedy && forced < 0)
            return new SampledToken(logits.IndexOf(top), (float)-Math.Log(total), Entropy(total, weighted));
        if (!sampling.IsGreedy && (sampling.TopP < 1 || (sampling.TopK > 0 && sampling.TopK < logits.Length)))
        {
            total = Restrict(sampling, total);
            weighted = WeightedExponents(logits, top, inverse);
        }
        int id = forced < 0 ? Draw(uniform * total) : forced;
        if (_mass[id] == 0)
            return new SampledToken(id, float.NegativeInfinity, Entropy(total, weighted)); // what is left out cannot have been drawn
        return new SampledToken(id, (float)((logits[id] - top) * inverse - Math.Log(total)), Entropy(total, weighted));
    }

    /// <summary>H = ln Z − Σ m·x / Z with x the exponents, m = e^x the masses and Z their sum.</summary>
    private static float Entropy(double total, double weighted) => (float)Math.Max(0, Math.Log(total) - (weighted / total));

    /// <summary>Σ m·x over what is kept.</summary>
    private double WeightedExponents(ReadOnlySpan<float> logits, float top, float inverse)
    {
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (_mass[i] > 0)
                sum += _mass[i] * ((logits[i] - top) * inverse);
        }
        return sum;
    }

    private static float Largest(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        Vector512<float> best = Vector512.Create(logits[0]);
        foreach (Vector512<float> v in vectors)
            best = Vector512.Max(best, v);
        float top = logits[0];
        for (int i = 0; i < Vector512<float>.Count; i++)
            top = MathF.Max(top, best[i]);
        foreach (float logit in logits[(vectors.Length * Vector512<float>.Count)..])
            top = MathF.Max(top, logit);
        return top;
    }

    /// <summary>
    /// m = e^x with x = (logit − top) · inverse of every id, and their sum in double precision: always in this order, whatever the processor. Also Σ m·x,
    /// in single precision: it is measured, and decides nothing.
    /// </summary>
    private double Exponentials(ReadOnlySpan<float> logits, float top, float inverse, out double weighted)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        Span<Vector512<float>> masses = MemoryMarshal.Cast<float, Vector512<float>>(_mass.AsSpan(0, logits.Length));
        Vector512<double> sum = Vector512<double>.Zero;
        Vector512<float> products = Vector512<float>.Zero;
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector512<float> exponent = (vectors[i] - Vector512.Create(top)) * inverse;
            Vector512<float> mass = VectorExponential.Of(exponent);
            masses[i] = mass;
            products += mass * Vector512.MaxNative(exponent, Vector512.Create(-100f)); // no mass is left there, and 0 · −∞ is no number
            sum += Vector512.WidenLower(mass) + Vector512.WidenUpper(mass);
        }
        double total = Vector512.Sum(sum);
        weighted = Vector512.Sum(products);
        for (int i = vectors.Length * Vector512<float>.Count; i < logits.Length; i++)
        {
            float exponent = (logits[i] - top) * inverse;
            _mass[i] = MathF.Exp(exponent);
            total += _mass[i];
            weighted += _mass[i] * MathF.Max(exponent, -100f);
        }
        return total;
    }

    private int Draw(double target)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(_mass);
        double sum = 0;
        int i = 0;
        // Sixteen at a time up to those among which the sum passes the target.
        foreach (Vector512<float> v in vectors)
        {
            double next = sum + Vector512.Sum(Vector512.WidenLower(v) + Vector512.WidenUpper(v));
            if (next > target)
                break;
            sum = next;
            i += Vector512<float>.Count;
        }
        int last = i;
        for (; i < _mass.Length; i++)
        {
            if (_mass[i] == 0)
                continue;
            sum += _mass[i];
            last = i;
            if (sum > target)
                break;
        }
        // Past the end by rounding, or because nothing follows that is kept: the last one that is.
        while (last == _mass.Length || _mass[last] == 0)
            last--;
        return last;
    }

    /// <summary>Zeroes the mass of what top-k and top-p leave out; the mass that stays.</summary>
    private double Restrict(Sampling sampling, double total)
    {
        for (int i = 0; i < _ids.Length; i++)
        {
            _ids[i] = i;
            _ordered[i] = -_mass[i];
        }
        Array.Sort(_ordered, _ids);
        int kept = _ids.Length;
        if (sampling.TopK > 0 && sampling.TopK < kept)
        {
            kept = sampling.TopK;
            total = 0;
            for (int i = 0; i < kept; i++)
                total -= _ordered[i];
        }
        if (sampling.TopP < 1)
        {
            double wanted = sampling.TopP * total, sum = 0;
            int n = 0;
            while (n < kept && sum < wanted)
                sum -= _ordered[n++];
            kept = Math.Max(1, n);
        }
        return Keep(kept);
    }

    private double Keep(int kept)
    {
        // The sort is not stable: among equals of the least one kept, the lower ids stay.
        float least = -_ordered[kept - 1];
        int ties = 0;
        for (int i = kept - 1; i >= 0 && -_ordered[i] == least; i--)
            ties++;
        double total = 0;
        for (int i = 0; i < _mass.Length; i++)
        {
            if (_mass[i] < least || (_mass[i] == least && ties-- <= 0))
                _mass[i] = 0;
            total += _mass[i];
        }
        return total;
    }
}

/// <summary>A token that was drawn.</summary>
/// <param name="Id">Its id; −1 when there was no distribution.</param>
/// <param name="LogProb">Its log-probability.</param>
/// <param name="Entropy">Entropy of the distribution, with the natural logarithm.</param>
public readonly record struct SampledToken(int Id, float LogProb, float Entropy)
{
    /// <summary>Id and log-probability.</summary>
    public void Deconstruct(out int id, out float logProb) => (id, logProb) = (Id, LogProb);
}
