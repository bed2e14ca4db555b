using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Tests.Support;

namespace AgentRL.Cpu.Tests.Kernels;

/// <summary>Memory outside the managed heap: zeroed, aligned, nobody else's, and given back.</summary>
public sealed unsafe class NativeBufferTests
{
    private const long Page = HugePages.Size;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData((Page / sizeof(float)) - 1)]
    [InlineData(Page / sizeof(float))]
    [InlineData((Page / sizeof(float)) + 1)]
    public void Is_zeroed_and_begins_at_a_line(long length)
    {
        // What was freed before must not come back with its numbers.
        for (var round = 0; round < 3; round++)
        {
            using var buffer = new NativeBuffer<float>(length);
            Assert.Equal(0u, (nuint)buffer.Pointer % CacheLine.Bytes);
            Assert.Equal(length, buffer.Length);
            Assert.False(buffer.Span.ContainsAnyExcept(0f));
            buffer.Span.Fill(float.NaN);
        }
    }

    [LinuxFact]
    public void What_is_large_begins_at_a_large_page()
    {
        using var buffer = new NativeBuffer<byte>(Page);
        Assert.Equal(0u, (nuint)buffer.Pointer % (nuint)Page);
    }

    [Fact]
    public void Buffers_of_several_threads_keep_their_numbers_while_others_come_and_go()
    {
        Parallel.For(0, 8, thread =>
        {
            var random = new Random(thread);
            List<NativeBuffer<int>> held = [];
            for (var step = 0; step < 400; step++)
            {
                if (held.Count > 5)
                {
                    var gone = held[random.Next(held.Count)];
                    Assert.False(gone.Span.ContainsAnyExcept(thread + 1));
                    held.Remove(gone);
                    gone.Dispose();
                }
                var buffer = new NativeBuffer<int>(random.Next(random.Next(8) == 0 ? 600_000 : 5000));
                buffer.Span.Fill(thread + 1);
                held.Add(buffer);
            }
            foreach (var buffer in held)
            {
                Assert.False(buffer.Span.ContainsAnyExcept(thread + 1));
                buffer.Dispose();
            }
        });
    }

    [LinuxFact]
    public void Goes_back_to_the_system()
    {
        var before = Mapped();
        for (var round = 0; round < 1000; round++)
        {
            using var large = new NativeBuffer<byte>(100 << 20);
            using var small = new NativeBuffer<byte>(Page - 1);
        }
        // Engines of other tests take a gigabyte each meanwhile. Kept, it would be a hundred.
        Assert.InRange(Mapped() - before, long.MinValue, 20L << 30);
    }

    [Fact]
    public void Disposing_twice_frees_once()
    {
        using var neighbour = new NativeBuffer<int>(10);
        var buffer = new NativeBuffer<int>(10);
        buffer.Dispose();
        buffer.Dispose();
        neighbour.Span.Fill(7);
        using var later = new NativeBuffer<int>(10);
        Assert.False(neighbour.Span.ContainsAnyExcept(7));
        Assert.False(later.Span.ContainsAnyExcept(0));
    }

    [Fact]
    public void More_than_there_is_room_for_is_refused() => Assert.Throws<OutOfMemoryException>(() => new NativeBuffer<byte>(1L << 60));

    /// <summary>Bytes of address space that this process has.</summary>
    private static long Mapped() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
