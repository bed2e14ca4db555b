namespace AgentRL.Torch.Models;

/// <summary>
/// Llama 3's <c>rope_scaling</c>: frequencies whose wavelength exceeds the original context are divided by <see cref="Factor"/>,
/// short ones are kept, those between are blended.
/// </summary>
/// <param name="Factor">How much longer the context became.</param>
/// <param name="LowFrequencyFactor">Wavelengths above original context / this are divided by the factor.</param>
/// <param name="HighFrequencyFactor">Wavelengths below original context / this are kept.</param>
/// <param name="OriginalMaxPositions">Context of the original training, in tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions);

/// <summary>Rotary position frequencies: f_i = theta^(−2i / head_dim), optionally stretched as Llama 3 does.</summary>
internal static class RotaryFrequencies
{
    /// <summary>Radians per position, one for each of the head_dim / 2 pairs.</summary>
    internal static double[] Of(TransformerConfig config)
    {
        double[] frequencies = new double[config.HeadDim / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double f = Math.Pow(config.RopeTheta, -2.0 * i / config.HeadDim);
            frequencies[i] = config.RopeScaling is { } scaling ? Stretch(f, scaling) : f;
        }
        return frequencies;
    }

    private static double Stretch(double frequency, Llama3RopeScaling scaling)
    {
        double wavelength = 2 * Math.PI / frequency;
        double low = scaling.OriginalMaxPositions / scaling.LowFrequencyFactor;
        double high = scaling.OriginalMaxPositions / scaling.HighFrequencyFactor;
        if (wavelength > low)
            return frequency / scaling.Factor;
        if (wavelength < high)
            return frequency;
        double keep = (scaling.OriginalMaxPositions / wavelength - scaling.LowFrequencyFactor)
            / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - keep) * frequency / scaling.Factor + keep * frequency;
    }
}
