using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Tests.Support;
using CsCheck;

namespace AgentRL.Cpu.Tests.Kernels;

public sealed unsafe class CacheKernelsTests
{
    private const int Block = CacheKernels.Block, MostRows = 6;

    [Theory]
    [ClassData(typeof(EachCache))]
    public void Exponentials_are_within_two_units_in_the_last_place_and_sums_are_theirs(int width, CacheStorage storage)
    {
        const int Length = 4096, Rows = 3;
        int[] visible = [4090, 4096, 17];
        var scores = Numbers.Uniform(Rows * Length, 7, 100);
        var sums = new float[Rows];
        // Values whose largest number is 32,767 have a scale of one.
        using var values = CacheBlocks.Of(EachCache.Of(width, storage), [.. Enumerable.Repeat(32767f, 2 * Length)], 2, keys: false);
        using var native = Numbers.Native(scores);
        Soften();
        for (var row = 0; row < Rows; row++)
        {
            var (given, made) = (scores.Skip(row * Length).Take(visible[row]).ToArray(), native.Span.Slice(row * Length, Length).ToArray());
            var top = given.Max();
            for (var i = 0; i < given.Length; i++)
            {
                var wanted = Math.Exp(0.5f * (given[i] - top));
                Assert.InRange(made[i], wanted * (1 - 2.4e-7) - 2e-38, wanted * (1 + 2.4e-7));
            }
            Assert.All(made[given.Length..], p => Assert.Equal(0, p));
            Assert.Equal(1 / given.Sum(s => Math.Exp(0.5 * ((double)s - top))), sums[row], 1e-6);
        }
        native.Span[Length + 3] = float.NaN;
        Soften();
        Assert.Equal([false, true, false], sums.Select(float.IsNaN));

        void Soften()
        {
            fixed (int* counts = visible)
            fixed (float* inverses = sums)
                EachCache.Of(width, storage).Soften(native.Pointer, Length, Rows, 0.5f, counts, Length / Block, values.List, 2, inverses);
        }
    }

    [Theory]
    [ClassData(typeof(EachCache))]
    public void A_row_is_softened_the_same_beside_any_other_and_what_is_not_visible_does_not_matter(int width, CacheStorage storage)
    {
        const int Blocks = 3;
        var kernels = EachCache.Of(width, storage);
        using var values = CacheBlocks.Of(kernels, Numbers.Uniform(Blocks * Block * 4, 1), 4, keys: false);
        Gen.Select(Gen.Int[1, Block * Blocks], Gen.Int[1, Block * Blocks], Gen.Int[0, 1000]).Sample((first, second, seed) =>
        {
            var scores = Numbers.Uniform(2 * Block * Blocks, seed, 20);
            for (var i = first; i < Block * Blocks; i++) scores[i] = float.PositiveInfinity; // stale keys
            using var both = Numbers.Native(scores);
            using var alone = Numbers.Native(scores);
            int[] visible = [first, second];
            float[] together = new float[2], one = new float[2];
            fixed (int* counts = visible)
            fixed (float* t = together, o = one)
            {
                kernels.Soften(both.Pointer, Block * Blocks, 2, 0.3f, counts, Blocks, values.List, 4, t);
                for (var row = 0; row < 2; row++) kernels.Soften(alone.Pointer + (row * Block * Blocks), Block * Blocks, 1, 0.3f, counts + row, Blocks, values.List, 4, o + row);
            }
            Assert.Equal(one, together);
            Assert.True(both.Span.SequenceEqual(alone.Span));
            Assert.All(both.Span[..(Block * Blocks)].ToArray(), p => Assert.InRange(p, 0, 1));
        }, iter: 200, threads: 1);
    }

    [Theory]
    [ClassData(typeof(EachCache))]
    public void Scores_are_products_with_the_stored_keys_and_rows_do_not_matter(int width, CacheStorage storage)
    {
        var kernels = EachCache.Of(width, storage);
        foreach (var (size, blocks) in new[] { (6, 1), (8, 3), (32, 6), (32, 7), (64, 4), (80, 9) })
        {
            var positions = Block * blocks;
            var (q, k) = (Numbers.Uniform(MostRows * size, 1), Numbers.Uniform(positions * size, 2, 7));
            using var queries = Numbers.Native(q);
            using var keys = CacheBlocks.Of(kernels, k, size, keys: true);
            using var scores = new NativeBuffer<float>(MostRows * positions);
            float[]? few = null;
            for (var n = 1; n <= MostRows; n++)
            {
                kernels.Scores(queries.Pointer, size, n, keys.List, blocks, scores.Pointer, positions);
                if (few is not null) Assert.Equal(few, scores.Span[..few.Length].ToArray());
                few = scores.Span[..(n * positions)].ToArray();
            }
            var held = Held(k, size, storage);
            for (var i = 0; i < MostRows; i++)
            {
                for (var t = 0; t < positions; t++)
                    Assert.Equal(Enumerable.Range(0, size).Sum(d => q[(i * size) + d] * held[(t * size) + d]), scores.Span[(i * positions) + t], 1e-4);
            }
        }
    }

    [Theory]
    [ClassData(typeof(EachCache))]
    public void Mixtures_are_those_of_the_stored_values_and_rows_do_not_matter(int width, CacheStorage storage)
    {
        var kernels = EachCache.Of(width, storage);
        foreach (var (size, blocks) in new[] { (6, 1), (8, 3), (32, 6), (32, 7), (64, 4), (80, 9) })
        {
            var (positions, length, row) = ((Block * blocks) - (size % 5), Block * blocks, CacheKernels.Row(size));
            // Positions differ a hundredfold, and so do their scales.
            var v = Numbers.Uniform(length * size, 3).Select((x, i) => x * (i / size % 2 == 0 ? 10 : 0.1f)).ToArray();
            using var values = CacheBlocks.Of(kernels, v, size, keys: false);
            using var weights = Numbers.Native(Numbers.Uniform(MostRows * length, 4, 3));
            using var mixed = new NativeBuffer<float>(MostRows * row);
            var (visible, inverses) = (Enumerable.Repeat(positions, MostRows).ToArray(), new float[MostRows]);
            var scores = weights.Span.ToArray();
            float[]? few = null;
            fixed (int* counts = visible)
            fixed (float* factors = inverses)
            {
                kernels.Soften(weights.Pointer, length, MostRows, 1, counts, blocks, values.List, size, factors);
                for (var n = 1; n <= MostRows; n++)
                {
                    kernels.Mix(weights.Pointer, length, n, values.List, positions, size, factors, mixed.Pointer);
                    if (few is not null) Assert.Equal(few, mixed.Span[..few.Length].ToArray());
                    few = mixed.Span[..(n * row)].ToArray();
                }
            }
            var held = Held(v, size, storage);
            for (var i = 0; i < MostRows; i++)
            {
                var exponentials = Enumerable.Range(0, positions).Select(t => Math.Exp(scores[(i * length) + t])).ToArray();
                for (var d = 0; d < size; d++)
                    Assert.Equal(Enumerable.Range(0, positions).Sum(t => exponentials[t] * held[(t * size) + d]) / exponentials.Sum(), mixed.Span[(i * row) + d], 1e-5);
            }
        }
    }

    [Theory]
    [ClassData(typeof(EachCache))]
    public void A_number_is_stored_to_half_a_step_of_the_largest_beside_it(int width, CacheStorage storage) =>
        Gen.Select(Gen.Int[1, 40].Select(half => 2 * half), Gen.Int[0, 1000], Gen.Float[-20, 20], Gen.Bool).Sample((size, seed, exponent, keys) =>
        {
            var kernels = EachCache.Of(width, storage);
            var x = Numbers.Uniform(size, seed, MathF.Pow(10, exponent));
            using var blocks = CacheBlocks.Of(kernels, x, size, keys);
            var held = First(kernels, blocks, size, keys);
            var step = storage == CacheStorage.Float32 ? 0 : x.Max(Math.Abs) / (double)short.MaxValue;
            // Half a step, and the rounding of a factor, a product and a scale.
            for (var d = 0; d < size; d++) Assert.InRange(held[d] - (double)x[d], (-0.5 * step) - (3e-7 * Math.Abs(x[d])), (0.5 * step) + (3e-7 * Math.Abs(x[d])));
        }, iter: 100, threads: 1);

    [Theory]
    [ClassData(typeof(EachCache))]
    public void Zeros_and_the_smallest_numbers_stay_finite_and_what_is_not_finite_shows(int width, CacheStorage storage)
    {
        const int Size = 22;
        var kernels = EachCache.Of(width, storage);
        foreach (var keys in (bool[])[true, false])
        {
            foreach (var x in (float[])[0, float.Epsilon, -1e-38f, 1e-31f, -3e38f])
            {
                using var blocks = CacheBlocks.Of(kernels, [.. Enumerable.Repeat(x, Size)], Size, keys);
                Assert.All(First(kernels, blocks, Size, keys), y => Assert.Equal(x, y, Math.Max(1e-30, Math.Abs(x) * 1e-6)));
            }
            foreach (var x in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            {
                foreach (var at in (int[])[0, 13, Size - 1])
                {
                    var numbers = Numbers.Uniform(Size, 1);
                    numbers[at] = x;
                    using var blocks = CacheBlocks.Of(kernels, numbers, Size, keys);
                    Assert.Contains(First(kernels, blocks, Size, keys), y => !float.IsFinite(y));
                }
            }
        }
    }

    /// <summary>What is stored of [positions][size] numbers: in 16 bits, the nearest multiples of a 32,767th of a position's largest.</summary>
    private static double[] Held(float[] numbers, int size, CacheStorage storage)
    {
        if (storage == CacheStorage.Float32) return [.. numbers.Select(x => (double)x)];
        return [.. numbers.Chunk(size).SelectMany(one =>
        {
            var largest = one.Max(Math.Abs);
            return one.Select(x => MathF.Round(x * (short.MaxValue / largest)) * (double)(largest / short.MaxValue));
        })];
    }

    /// <summary>What the first position's key, or its values, are when used.</summary>
    private static float[] First(CacheKernels kernels, CacheBlocks blocks, int size, bool keys) => keys ? Keys(kernels, blocks, size) : Values(kernels, blocks, size);

    /// <summary>The first position's key, read by queries of a single one.</summary>
    private static float[] Keys(CacheKernels kernels, CacheBlocks blocks, int size)
    {
        var key = new float[size];
        using var scores = new NativeBuffer<float>(Block);
        for (var d = 0; d < size; d++)
        {
            var unit = new float[size];
            unit[d] = 1;
            using var query = Numbers.Native(unit);
            kernels.Scores(query.Pointer, size, 1, blocks.List, 1, scores.Pointer, Block);
            key[d] = scores.Span[0];
        }
        return key;
    }

    /// <summary>The first position's values, mixed with nothing.</summary>
    private static float[] Values(CacheKernels kernels, CacheBlocks blocks, int size)
    {
        using var weights = new NativeBuffer<float>(Block);
        using var mixed = new NativeBuffer<float>(CacheKernels.Row(size));
        var (visible, inverse) = (1, 0f);
        kernels.Soften(weights.Pointer, Block, 1, 1, &visible, 1, blocks.List, size, &inverse);
        kernels.Mix(weights.Pointer, Block, 1, blocks.List, 1, size, &inverse, mixed.Pointer);
        return mixed.Span[..size].ToArray();
    }
}
