using TorchSharp;

namespace AgentRL.Torch.Weights;

/// <summary>The element types that are read and written.</summary>
public enum SafetensorsType
{
    /// <summary>64-bit floating point.</summary>
    F64,

    /// <summary>32-bit floating point.</summary>
    F32,

    /// <summary>16-bit floating point.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>32-bit signed integer.</summary>
    I32,
}

internal static class SafetensorsTypes
{
    internal static bool TryParse(string name, out SafetensorsType type) =>
        Enum.TryParse(name, out type) && Enum.GetName(type) == name;

    internal static int Size(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        _ => 2,
    };

    internal static torch.ScalarType ToScalar(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => torch.ScalarType.Float64,
        SafetensorsType.F32 => torch.ScalarType.Float32,
        SafetensorsType.F16 => torch.ScalarType.Float16,
        SafetensorsType.BF16 => torch.ScalarType.BFloat16,
        SafetensorsType.I64 => torch.ScalarType.Int64,
        _ => torch.ScalarType.Int32,
    };

    internal static SafetensorsType FromScalar(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float64 => SafetensorsType.F64,
        torch.ScalarType.Float32 => SafetensorsType.F32,
        torch.ScalarType.Float16 => SafetensorsType.F16,
        torch.ScalarType.BFloat16 => SafetensorsType.BF16,
        torch.ScalarType.Int64 => SafetensorsType.I64,
        torch.ScalarType.Int32 => SafetensorsType.I32,
        _ => throw new NotSupportedException($"tensors of type {type} are not written"),
    };
}
