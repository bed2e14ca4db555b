using System.Text.Json;
using AgentRL.Cli.Bench;
using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Fakes;
using AgentRL.Torch.Models;

namespace AgentRL.Cli.Tests.Bench;

public sealed class BenchTests
{
    [Fact]
    public void Figures_are_written_as_a_list_of_name_value_unit_and_ratio()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "figures.json");
        BenchFigure.Save([new("a", 1.5, "GB/s"), new("b", 3, "tokens/s", 2, "a")], path);
        var figures = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        Assert.Equal(("a", 1.5, "GB/s"), (figures[0].GetProperty("name").GetString(), figures[0].GetProperty("value").GetDouble(), figures[0].GetProperty("unit").GetString()));
        Assert.Equal((2, "a"), (figures[1].GetProperty("ratio").GetDouble(), figures[1].GetProperty("to").GetString()));
    }

    [Fact]
    public void A_load_reads_every_context_and_draws_from_every_sequence_until_its_time_is_over()
    {
        using var policy = TransformerPolicy.Random(new()
        {
            HiddenSize = 16,
            IntermediateSize = 32,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 8,
            VocabularySize = 50,
            MaxPositions = 256,
        }, 1);
        using var model = policy.ToCpuModel();
        var load = new DecodeLoad(3, 40, 50);
        using var engine = new CpuGenerationEngine(model, new() { Threads = 1, CacheTokens = 3 * 256, DecodeSteps = 1, PrefillTokens = 3 * 40 });
        var rates = load.Run(engine, () => engine.TokensProcessed, TimeProvider.System, TimeSpan.Zero, default);
        Assert.True(rates.Decode > 0 && rates.Prefill > 0);
        Assert.Equal(0, engine.Pending);
        // Three rounds at least, each of three contexts of 35 tokens and ten tokens drawn after each.
        Assert.Equal(3 * 3 * (35 + 10), engine.TokensProcessed);
    }

    [Fact]
    public void Operations_are_two_a_weight_used_and_four_a_query_number_and_position()
    {
        using var model = BenchModel.Of(null, CacheStorage.Float32).First();
        var used = model.Policy.ParameterCount - ((2 * 4) + 1) * 128; // norms are not products; the embedding is the head
        Assert.Equal((2.0 * used) + (4 * 4 * 128 * 100), model.OperationsPerToken(100));
    }

    [Theory]
    [InlineData(CacheStorage.Float32, 2 * 32 * 4)]
    [InlineData(CacheStorage.Fixed16, 2 * ((32 * 2) + 4))]
    public void A_token_reads_the_keys_and_values_of_each_position_before_it(CacheStorage cache, int bytesPerHead)
    {
        using var model = BenchModel.Of(null, cache).First();
        Assert.Equal(4.0 * 2 * bytesPerHead * 100, model.BytesPerToken(100));
    }
}
