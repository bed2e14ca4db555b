using AgentRL.Randomness;

namespace AgentRL.Fuzz;

/// <summary>A parser of what others wrote, and inputs for it. Used by several threads at once.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Makes an input: a pure function of the draws.</summary>
    public abstract byte[] Make(RandomSequence random);

    /// <summary>Reads an input.</summary>
    /// <param name="input">What <see cref="Make"/> made.</param>
    /// <param name="folder">A folder of this thread's own, for parsers of files.</param>
    /// <returns>The message with which the input was refused by the documented exception; null where it was accepted. All else that is thrown is a fault.</returns>
    public abstract string? Read(byte[] input, string folder);

    /// <summary>Whether a refusal says where the fault is.</summary>
    public abstract bool NamesPlace(string refusal);

    /// <summary>Managed bytes that reading an input may allocate, garbage included.</summary>
    public abstract long Budget(byte[] input);
}

/// <summary>What the promise of a parser is that it has broken.</summary>
/// <param name="fault">In words.</param>
internal sealed class BrokenPromiseException(string fault) : Exception(fault)
{
    /// <summary>Throws unless a promise holds.</summary>
    public static void Require(bool holds, string fault)
    {
        if (!holds) throw new BrokenPromiseException(fault);
    }
}
