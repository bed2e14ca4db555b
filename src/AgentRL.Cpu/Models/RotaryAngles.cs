using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Models;

/// <summary>Cosines and sines of position · frequency, [position][pair], in double precision rounded to float32; grown to the longest context seen.</summary>
internal sealed unsafe class RotaryAngles(IReadOnlyList<double> frequencies) : IDisposable
{
    private NativeBuffer<float>? cosines, sines;

    public int Positions { get; private set; }

    public float* Cosines(int position) => cosines!.Pointer + ((nint)position * frequencies.Count);

    public float* Sines(int position) => sines!.Pointer + ((nint)position * frequencies.Count);

    /// <summary>Makes room for so many positions. Not while others read.</summary>
    public void Reserve(int positions)
    {
        if (positions <= Positions) return;
        positions = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, positions));
        NativeBuffer<float> c = new((long)positions * frequencies.Count), s = new((long)positions * frequencies.Count);
        for (int position = 0, at = 0; position < positions; position++)
        {
            for (var i = 0; i < frequencies.Count; i++, at++)
            {
                var (sin, cos) = Math.SinCos(position * frequencies[i]);
                (c.Pointer[at], s.Pointer[at]) = ((float)cos, (float)sin);
            }
        }
        Dispose();
        (cosines, sines, Positions) = (c, s, positions);
    }

    public void Dispose()
    {
        cosines?.Dispose();
        sines?.Dispose();
    }
}
