namespace AgentRL.Cpu.Kernels;

/// <summary>
/// One width of vector registers. Kernels are written once over this; the compiler makes one specialised copy a width, in which every member
/// is an instruction or two.
/// </summary>
/// <typeparam name="V">The vector of float32.</typeparam>
internal unsafe interface ILanes<V>
    where V : struct
{
    /// <summary>Numbers in a vector; divides 16.</summary>
    static abstract int Width { get; }

    static abstract V Zero { get; }

    static abstract V Load(float* source);

    /// <summary>Loads bfloat16 numbers: the upper halves of float32 ones.</summary>
    static abstract V Widen(ushort* source);

    /// <summary>Loads whole numbers of 16 bits.</summary>
    static abstract V Convert(short* source);

    static abstract void Store(V value, float* target);

    /// <summary>Stores whole numbers in [−32,767, 32,767] in 16 bits each.</summary>
    static abstract void StoreWhole(V value, short* target);

    static abstract V All(float value);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    static abstract V Divide(V a, V b);

    /// <summary>a · b + c, rounded once where the processor can.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>The larger; when either is not a number, <paramref name="b"/> or not a number.</summary>
    static abstract V Max(V a, V b);

    static abstract V Min(V a, V b);

    static abstract V Round(V value);

    /// <summary><paramref name="value"/> · 2^n of whole numbers n in [−126, 127].</summary>
    static abstract V Scale(V value, V n);

    /// <summary><paramref name="value"/>, but 0 where <paramref name="x"/> is less than the limit.</summary>
    static abstract V ZeroBelow(V x, V limit, V value);

    /// <summary><paramref name="value"/>, but −∞ from a lane on.</summary>
    static abstract V HideFrom(V value, int lane);

    /// <summary>Sum of the lanes, always in the same order.</summary>
    static abstract float Sum(V value);

    /// <summary>The largest lane; any number when one of them is not a number.</summary>
    static abstract float Largest(V value);
}
