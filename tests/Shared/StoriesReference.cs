using System.Runtime.InteropServices;
using System.Text.Json;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using TorchSharp;

namespace AgentRL.Testing;

/// <summary>The trained reference model and what an independent implementation says about one sequence.</summary>
internal sealed class StoriesReference
{
    internal const int Vocabulary = 512;

    private StoriesReference(int[] inputs, int[] targets, bool[] forced, double[] logProbs, float[] logits, JsonElement gradients)
    {
        Inputs = inputs;
        Targets = targets;
        Forced = forced;
        LogProbs = logProbs;
        Logits = logits;
        Gradients = gradients;
    }

    internal static StoriesReference Instance { get; } = Read();

    internal int[] Inputs { get; }

    internal int[] Targets { get; }

    /// <summary>Whether the target was given (a prompt token) instead of chosen.</summary>
    internal bool[] Forced { get; }

    internal double[] LogProbs { get; }

    /// <summary>[position, vocabulary], flat.</summary>
    internal float[] Logits { get; }

    internal JsonElement Gradients { get; }

    internal static TransformerPolicy Policy(torch.ScalarType type = torch.ScalarType.Float32) =>
        PolicyFolder.Load(Path.Combine(SharedData.Stories, "hf"), type);

    /// <summary>Norm of the difference relative to the norm of the reference, per parameter; the largest and its name.</summary>
    internal static (double Error, string Name) WorstGradient(TransformerPolicy policy, string file)
    {
        using SafetensorsFile reference = SafetensorsFile.Open(Path.Combine(SharedData.Stories, file));
        (double Error, string Name) worst = (0, "");
        foreach (string name in policy.Names)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor wanted = reference.Read(name).to(torch.ScalarType.Float64);
            torch.Tensor got = policy.Parameters[name].grad!.to(torch.ScalarType.Float64);
            double error = ((got - wanted).norm() / wanted.norm()).item<double>();
            if (!(error <= worst.Error))
                worst = (error, name);
        }
        return worst;
    }

    private static StoriesReference Read()
    {
        JsonElement[] lines = [.. File.ReadLines(Path.Combine(SharedData.Stories, "ref_p9.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement).Where(e => e.TryGetProperty("pos", out _))];
        byte[] logits = File.ReadAllBytes(Path.Combine(SharedData.Stories, "ref_p9.logits.f32"));
        return new StoriesReference(
            [.. lines.Select(e => e.GetProperty("in").GetInt32())],
            [.. lines.Select(e => e.GetProperty("next").GetInt32())],
            [.. lines.Select(e => e.GetProperty("forced").GetBoolean())],
            [.. lines.Select(e => e.GetProperty("logprob").GetDouble())],
            MemoryMarshal.Cast<byte, float>(logits).ToArray(),
            JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Stories, "grad_reference.json"))).RootElement);
    }
}
