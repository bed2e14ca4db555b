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
    /// <summary>
    /// Sequences that begin alike, to different lengths: 90 tokens and, within one branch, 100 more; one is another's beginning, two are the same but for what they
    /// are worth, one shares too little, one nothing. Tokens in what is shared bear loss, too.
    /// </summary>
    internal static TrainingSequence[] Family(int vocabulary)
    {
        TrainingSequence[] all = Random(8, vocabulary, 31, 230, 260);
        Graft(1, 0, 90);
        Graft(2, 0, 90);
        Graft(3, 2, 190);
        Graft(4, 2, 190);
        Graft(5, 0, 230);
        Graft(6, 0, 9);
        all[1] = all[1] with { Ids = all[1].Ids[..150], LossWeights = all[1].LossWeights[..150], Advantages = all[1].Advantages![..150], OldLogProbs = all[1].OldLogProbs![..150], ReferenceLogProbs = all[1].ReferenceLogProbs![..150] };
        TrainingSequence start = all[4];
        return
        [
            .. all, all[3] with { Advantages = [.. all[3].Advantages!.Select(a => 0.3f - a)] },
            new TrainingSequence { Ids = start.Ids[..120], LossWeights = start.LossWeights[..120], Advantages = start.Advantages![..120], OldLogProbs = start.OldLogProbs![..120], ReferenceLogProbs = start.ReferenceLogProbs![..120] },
        ];

        void Graft(int onto, int from, int count) => all[onto] = all[onto] with { Ids = [.. all[from].Ids[..count], .. all[onto].Ids[count..]] };
    }
}
