using AgentRL.Randomness;
using AgentRL.Rollouts;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>Drawing a token.</summary>
public class SamplerBenchmarks
{
    private static readonly RandomStream Draws = RandomStream.Root(1, "draws");

    private TokenSampler sampler = null!;
    private float[] logits = [];
    private Sampling sampling = Sampling.Greedy;
    private long draw;

    [Params(512, 32000)]
    public int Vocabulary { get; set; }

    [Params("plain", "greedy", "top_k 40", "top_p 0.9")]
    public string Distribution { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        sampler = new TokenSampler(Vocabulary);
        logits = new float[Vocabulary];
        Memory.Fill(logits);
        for (var i = 0; i < logits.Length; i++) logits[i] *= 16;
        sampling = Distribution switch
        {
            "plain" => new Sampling(),
            "greedy" => Sampling.Greedy,
            "top_k 40" => new Sampling(TopK: 40),
            _ => new Sampling(TopP: 0.9),
        };
    }

    [Benchmark]
    public int Sample() => sampler.Sample(logits, sampling, Draws.DoubleAt(draw++)).Id;
}
