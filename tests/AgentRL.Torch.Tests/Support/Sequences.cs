using AgentRL.Torch.Training;

namespace AgentRL.Torch.Tests.Support;

/// <summary>Made-up training sequences, a function of a seed alone.</summary>
internal static class Sequences
{
    internal static TrainingSequence[] Random(int count, int vocabulary, int seed, int shortest = 4, int longest = 40)
    {
        ulong state = (ulong)seed * 7919 + 17;
        double Next()
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            return (state >> 11) / (double)(1UL << 53);
        }
        TrainingSequence[] all = new TrainingSequence[count];
        for (int i = 0; i < count; i++)
        {
            int length = shortest + (int)(Next() * (longest - shortest + 1));
            bool[] loss = [.. Enumerable.Range(0, length).Select(t => t > 2 && Next() < 0.6)];
            all[i] = new TrainingSequence
            {
                Ids = [.. Enumerable.Range(0, length).Select(_ => (int)(Next() * vocabulary))],
                LossWeights = [.. loss.Select(l => l ? (float)(0.5 + Next()) / (count * 10) : 0)],
                Advantages = [.. loss.Select(_ => (float)(2 * Next() - 1))],
                OldLogProbs = [.. loss.Select(_ => (float)(-Math.Log(vocabulary) + 0.4 * (Next() - 0.5)))],
                ReferenceLogProbs = [.. loss.Select(_ => (float)(-Math.Log(vocabulary) + 0.4 * (Next() - 0.5)))],
            };
        }
        return all;
    }
}
