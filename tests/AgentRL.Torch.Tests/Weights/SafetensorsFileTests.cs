using System.Buffers.Binary;
using System.Text;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    public void What_is_written_is_read_back_bit_by_bit(ScalarType type)
    {
        Tensor a = (arange(1000) * 0.37).to(type).view(10, 100), empty = zeros([0, 3], type), scalar = tensor(3.5).to(type);
        SafetensorsFile.Write(_folder["t.safetensors"], [new("a", a.t()), new("empty", empty), new("päth \"x\"", scalar)], new Dictionary<string, string> { ["k"] = "v" });
        using SafetensorsFile file = SafetensorsFile.Open(_folder["t.safetensors"]);
        Assert.Equal("v", file.Metadata["k"]);
        Assert.Equal(3, file.Entries.Count);
        Assert.True(Same.Bits(file.Read("a"), a.t().contiguous()));
        Assert.Equal([100L, 10L], file.Read("a").shape);
        Assert.Equal([0L, 3L], file.Read("empty").shape);
        Assert.True(Same.Bits(file.Read("päth \"x\""), scalar));
        Assert.False(File.Exists(_folder["t.safetensors.tmp"]));
        SafetensorsException e = Assert.Throws<SafetensorsException>(() => file.Read("b"));
        Assert.Equal("b", e.Tensor);
    }

    [Fact]
    public void Many_small_tensors_cost_no_large_buffer_each()
    {
        const int count = 200;
        SafetensorsFile.Write(_folder["t.safetensors"], [.. Enumerable.Range(0, count).Select(i => new KeyValuePair<string, Tensor>($"t{i}", ones(1)))], new Dictionary<string, string>());
        using SafetensorsFile file = SafetensorsFile.Open(_folder["t.safetensors"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (string name in file.Entries.Keys)
            file.Read(name);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, count * 16_384L); // a buffer of a megabyte each would be sixty times as much
    }

    [Fact]
    public void Truncation_anywhere_is_a_typed_error()
    {
        byte[] whole = Sample();
        for (int length = 0; length < whole.Length; length++)
            Refuses(whole[..length]);
        Refuses([.. whole, 0]);
    }

    [Fact]
    public void Flipped_bytes_in_the_header_never_crash()
    {
        byte[] whole = Sample();
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        foreach (byte mask in new byte[] { 0x01, 0x10, 0x80, 0xFF })
        {
            for (int at = 0; at < header; at++)
            {
                byte[] bytes = [.. whole];
                bytes[at] ^= mask;
                ReadsOrRefuses(bytes);
            }
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(99_999_999L)]
    [InlineData(100_000_001L)]
    [InlineData(long.MaxValue)]
    [InlineData(-1L)]
    public void Absurd_header_lengths_are_refused(long length)
    {
        byte[] bytes = Sample();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Refuses(bytes);
    }

    [Theory]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{"a":3}""", "not an object")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "no dtype")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", "not supported")]
    [InlineData("""{"a":{"dtype":"1","shape":[2],"data_offsets":[0,8]}}""", "not supported")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "needs 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "not a count")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "not a count")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296,4294967296],"data_offsets":[0,8]}}""", "absurd")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", "absurd")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "growing")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "beyond the end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "JSON")]
    [InlineData("""{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not a string")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", "JSON")]
    public void Each_fault_of_a_header_is_named(string json, string said)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);
        byte[] bytes = new byte[8 + text.Length + 8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        Assert.Contains(said, Refuses(bytes).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_a_typed_error() =>
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["nothing"]));

    private byte[] Sample()
    {
        string path = _folder["sample"];
        SafetensorsFile.Write(path, [new("a", ones(2, 3)), new("b", zeros(5, ScalarType.BFloat16))], new Dictionary<string, string> { ["format"] = "pt" });
        return File.ReadAllBytes(path);
    }

    private SafetensorsException Refuses(byte[] bytes)
    {
        File.WriteAllBytes(_folder["bad"], bytes);
        return Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["bad"]));
    }

    private void ReadsOrRefuses(byte[] bytes)
    {
        File.WriteAllBytes(_folder["bad"], bytes);
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(_folder["bad"]);
            foreach (string name in file.Entries.Keys)
                file.Read(name).Dispose();
        }
        catch (SafetensorsException)
        {
            // The point: no other exception, no crash, no hang.
        }
    }
}
