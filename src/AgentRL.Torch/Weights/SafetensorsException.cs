namespace AgentRL.Torch.Weights;

/// <summary>A weight file is damaged, incomplete, or does not fit the model. The message names the file and the byte offset or the tensor.</summary>
public sealed class SafetensorsException : Exception
{
    /// <summary>A fault of the file as a whole or at a byte offset.</summary>
    public SafetensorsException(string path, long? offset, string fault, Exception? inner = null)
        : base(offset is null ? $"{path}: {fault}" : $"{path}: at byte {offset}: {fault}", inner)
    {
        Path = path;
        Offset = offset;
    }

    /// <summary>A fault of one tensor.</summary>
    public SafetensorsException(string path, string tensor, string fault, Exception? inner = null)
        : base($"{path}: tensor '{tensor}': {fault}", inner)
    {
        Path = path;
        Tensor = tensor;
    }

    /// <summary>The file at fault.</summary>
    public string Path { get; }

    /// <summary>Byte offset of the fault, where one can be given.</summary>
    public long? Offset { get; }

    /// <summary>Key of the tensor at fault, where one can be given.</summary>
    public string? Tensor { get; }
}
