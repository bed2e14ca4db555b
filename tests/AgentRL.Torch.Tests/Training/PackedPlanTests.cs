using AgentRL.Cpu.Training;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using CsCheck;

namespace AgentRL.Torch.Tests.Training;

public sealed class PackedPlanTests
{
    /// <summary>Few kinds of tokens and long common beginnings, so that there is much to share in many ways.</summary>
    private static readonly Gen<TrainingSequence[]> Trees = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 120], Gen.Int[1, 60], Gen.Bool.Array[64]).Select((stem, shared, own, loss) =>
    {
        int[] ids = [.. Enumerable.Range(0, shared).Select(t => (t * 7 + stem / 2 * (t / 40)) % 5), .. Enumerable.Range(0, own).Select(t => (t * (stem + 3) + own) % 5)];
        return new TrainingSequence { Ids = ids, LossWeights = [.. ids.Select((_, t) => t > 0 && loss[t % 64] ? 1f : 0)] };
    }).Array[1, 25];

    [Fact]
    public void Every_row_has_the_tokens_before_it_that_its_sequences_have() => Trees.Sample(sequences =>
    {
        LossTokens tokens = new(sequences, [.. Enumerable.Range(0, sequences.Length)]);
        PackedTokens packed = PrefixForest.Pack(tokens);
        Assert.Equal(packed.Ids.Length, packed.Runs.Sum(r => r.Count));
        Assert.Equal(tokens.Targets, packed.Targets);
        for (int i = 0; i < tokens.Count; i++)
            Assert.Equal(sequences[tokens.Rows[i]].Ids[..(tokens.Positions[i] + 1)], Before(packed, packed.LossRows[i]));
        Assert.All(packed.Runs.Index(), r => Assert.True(r.Item.Parent < r.Index && r.Item.Count > 0 && r.Item.Position == (r.Item.Parent < 0 ? 0 : packed.Runs[r.Item.Parent].End)));
    });

    [Fact]
    public void Common_beginnings_stand_there_once()
    {
        TrainingSequence[] family = Sequences.Family(200);
        PackedTokens packed = PrefixForest.Pack(new LossTokens(family, [.. Enumerable.Range(0, family.Length)]));
        Assert.Equal(PackedPlan.Rows(family, PrefixForest.Sorted(family)), packed.Ids.Length);
        Assert.InRange(packed.Ids.Length, 1, family.Sum(s => s.InputLength) - (4 * 90) - (3 * 100)); // four more with the first 90, three more with the next 100
    }

    [Fact]
    public void Every_sequence_with_loss_is_in_one_micro_batch_within_the_budget() => Gen.Select(Trees, Gen.Int[20, 400], Gen.Int[1, 4]).Sample((sequences, budget, workers) =>
    {
        List<List<int>> plan = PackedPlan.Of(sequences, budget, workers);
        Assert.Equal(Enumerable.Range(0, sequences.Length).Where(i => sequences[i].InputLength > 0), plan.SelectMany(b => b).Order());
        Assert.All(plan, b => Assert.True(b.Count == 1 || PrefixForest.Pack(new LossTokens(sequences, b)).Ids.Length <= budget));
    });

    private static int[] Before(PackedTokens packed, int row)
    {
        int index = Array.FindIndex(packed.Runs, r => row >= r.First && row < r.First + r.Count);
        List<int> ids = [.. packed.Ids[packed.Runs[index].First..(row + 1)]];
        for (index = packed.Runs[index].Parent; index >= 0; index = packed.Runs[index].Parent)
            ids.InsertRange(0, packed.Ids.AsSpan(packed.Runs[index].First, packed.Runs[index].Count));
        return [.. ids];
    }
}
