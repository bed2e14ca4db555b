using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Tokens;
using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Training;

/// <summary>
/// The real learner on a process whose every trajectory can be counted: two actions, the second of which is carried into a second segment, then a third. The expected
/// gradient over all groups of two, through credit, weights, loss and backward pass, against finite differences of the expected reward.
/// </summary>
public sealed class ExpectedGradientTests
{
    private const int Vocabulary = 6;
    private const int Begin = 0;
    private const int Carried = 5;
    private const double Step = 1e-4;

    // Central differences in float64: Step² times third derivatives of size 0.1. Old log-probabilities are float32, and so is one of the engines: 1e-7 of terms of size 1.
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData(TrainingEngine.Torch, AdvantageKind.LeaveOneOut, 1)]
    [InlineData(TrainingEngine.Torch, AdvantageKind.GroupEpisodeNoStd, 0.5)]
    [InlineData(TrainingEngine.Cpu, AdvantageKind.LeaveOneOut, 1)]
    [InlineData(TrainingEngine.Cpu, AdvantageKind.GroupEpisodeNoStd, 0.5)]
    public void The_learners_expected_gradient_is_the_policy_gradient_times_what_theory_says(TrainingEngine engine, AdvantageKind kind, double share)
    {
        TransformerConfig config = Small.Config() with { VocabularySize = Vocabulary };
        using TransformerPolicy exact = TransformerPolicy.Random(config, 5, ScalarType.Float64);
        using TransformerPolicy policy = exact.Copy(engine == TrainingEngine.Cpu ? ScalarType.Float32 : ScalarType.Float64);
        Dictionary<string, double[]> gradient = ExpectedGradient(policy, exact, engine, kind);
        double largest = 0;
        foreach (string name in exact.Names)
        {
            for (int i = 0; i < gradient[name].Length; i += 1 + (gradient[name].Length / 5))
            {
                double difference = (At(exact, name, i, Step) - At(exact, name, i, -Step)) / (2 * Step);
                Assert.Equal(-share * difference, gradient[name][i], Tolerance); // the loss is minimised
                largest = Math.Max(largest, Math.Abs(difference));
            }
        }
        Assert.True(largest > 0.01, $"{largest}"); // a gradient of zeros would prove nothing
    }

    private static Dictionary<string, double[]> ExpectedGradient(TransformerPolicy policy, TransformerPolicy exact, TrainingEngine engine, AdvantageKind kind)
    {
        using SegmentTrainer trainer = new(policy, new() { Engine = engine, MicroBatchTokens = 100 });
        double[] probabilities = Probabilities(exact);
        Episode[] episodes = [.. Enumerable.Range(0, probabilities.Length).Select(Trajectory)];
        AlgorithmOptions options = new() { Advantage = kind };
        List<TrainingSequence> sequences = [];
        for (int i = 0; i < episodes.Length; i++)
        {
            // Linear in the advantage: the expectation over the other episode of the group can be taken there.
            double expected = Enumerable.Range(0, episodes.Length).Sum(j =>
                probabilities[j] * CreditAssigner.Assign([episodes[i], episodes[j] with { Key = episodes[j].Key with { Sample = 1000 + j } }], options)[0].Advantage!.Value);
            sequences.AddRange(LossWeights.Of([episodes[i] with { Advantage = 1, Masked = false }], options).Select(s => new TrainingSequence
            {
                Ids = s.Ids,
                // Three loss tokens an episode: N is 3 times the episodes, whatever they are.
                LossWeights = [.. s.Weights.Select(w => w * 3)],
                Advantages = [.. s.Weights.Select(_ => (float)(expected * probabilities[i]))],
            }));
        }
        float[][] old = trainer.LogProbs(sequences);
        PolicyLossMetrics metrics = trainer.AccumulateGradients([.. sequences.Select((s, i) => s with { OldLogProbs = old[i] })], new());
        Assert.Equal(3 * episodes.Length, metrics.Tokens);
        using DisposeScope scope = NewDisposeScope();
        return policy.Names.ToDictionary(n => n, n => policy.Parameters[n].grad!.flatten().to(ScalarType.Float64).data<double>().ToArray());
    }

    private static Episode Trajectory(int number)
    {
        var (a, b, c) = (number / 36, number / 6 % 6, number % 6);
        SegmentBuilder first = new(), second = new();
        first.Append(TokenKind.Task, [Begin]);
        first.AppendSampled(TokenKind.Action, [a], [0], 0);
        first.AppendSampled(TokenKind.Summary, [b], [0], 0);
        second.Append(TokenKind.Task, [Begin]);
        second.Append(TokenKind.CarriedSummary, [Carried, b]);
        second.AppendSampled(TokenKind.Action, [c], [0], 0);
        return new Episode
        {
            Key = new EpisodeKey("train", 0, 0, number),
            TaskId = "t",
            Strategy = "summary",
            Segments = [first.Build(), second.Build()],
            Turns = [],
            Outcome = Outcome.Answered,
            Result = new EnvironmentResult(true, Reward(number), false, new Dictionary<string, double>()),
            Rounds = 1,
            PeakWorkingContext = 4,
        };
    }

    private static double Reward(int number) => new RandomStream(3).DoubleAt(number);

    /// <summary>p(a | begin) p(b | begin a) p(c | begin carried b), in float64.</summary>
    private static double[] Probabilities(TransformerPolicy policy)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        policy.WeightsChanged();
        double[] first = Log([.. Enumerable.Range(0, Vocabulary).SelectMany(a => new long[] { Begin, a })], 2), second = Log([.. Enumerable.Range(0, Vocabulary).SelectMany(b => new long[] { Begin, Carried, b })], 3);
        return [.. Enumerable.Range(0, 216).Select(n =>
        {
            var (a, b, c) = (n / 36, n / 6 % 6, n % 6);
            return Math.Exp(first[(a * 2 * 6) + a] + first[(((a * 2) + 1) * 6) + b] + second[(((b * 3) + 2) * 6) + c]);
        })];

        double[] Log(long[] ids, int length) => policy.Logits(policy.HiddenStates(tensor(ids).view(-1, length))).log_softmax(-1).flatten().data<double>().ToArray();
    }

    private static double At(TransformerPolicy policy, string name, int index, double by)
    {
        Move(by);
        double[] probabilities = Probabilities(policy);
        Move(-by);
        return probabilities.Select((p, n) => p * Reward(n)).Sum();

        void Move(double distance)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            policy.Parameters[name].view(-1)[index].add_(distance);
        }
    }
}
