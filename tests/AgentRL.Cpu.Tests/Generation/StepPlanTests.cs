using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Tests.Support;
using CsCheck;

namespace AgentRL.Cpu.Tests.Generation;

public sealed class StepPlanTests
{
    [Fact]
    public void Sequences_stay_with_their_thread_while_shares_allow_and_every_row_is_planned_once() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 150], Gen.Int[0, 1000]).Sample((threads, count, seed) =>
        {
            var stream = AgentRL.Randomness.RandomStream.Root(seed, "step plan test");
            var plan = new StepPlan(threads);
            var sequences = Enumerable.Range(0, count).Select(id => Begun(id)).ToList();
            for (var step = 0; step < 5 && sequences.Count > 0; step++)
            {
                var homes = sequences.ToDictionary(s => s, s => s.Home);
                plan.Clear();
                foreach (var sequence in sequences) plan.AddDecode(sequence);
                plan.Cut();

                var shares = Enumerable.Range(0, threads).Select(thread => sequences.Count(s => s.Home == thread)).ToArray();
                var most = (sequences.Count + Math.Min(threads, sequences.Count) - 1) / Math.Min(threads, sequences.Count);
                Assert.All(shares, share => Assert.InRange(share, 0, most));
                Assert.Equal(sequences.Count, shares.Sum());
                // Whoever had to move moved because its thread had its share without it, or has no share any more.
                foreach (var (sequence, home) in homes.Where(s => s.Value != CpuSequence.NoHome && s.Value != s.Key.Home))
                    Assert.True(home >= Math.Min(threads, sequences.Count) || shares[home] == most, $"{sequence.Id} left thread {home}");

                List<CpuSequence> planned = [];
                for (var thread = 0; thread < threads; thread++)
                {
                    for (var group = plan.Bounds[thread + 1]; group < plan.Bounds[thread + 2]; group++)
                    {
                        var (first, parts, follows) = plan.Group(group);
                        Assert.InRange(parts, 1, StepPlan.LargestBatch);
                        Assert.False(follows);
                        for (var part = first; part < first + parts; part++)
                        {
                            Assert.Equal(thread, plan.Part(part).Sequence.Home);
                            planned.Add(plan.Part(part).Sequence);
                        }
                    }
                }
                Assert.Equal(sequences.OrderBy(s => s.Id), planned.OrderBy(s => s.Id));
                sequences.RemoveAll(s => stream.DoubleAt((step * 1000) + (int)s.Id) < 0.4);
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void Contexts_are_cut_into_groups_in_order_those_of_a_thread_up_to_its_share() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 200].Array[1, 20], Gen.Int[0, 1000]).Sample((threads, rows, seed) =>
        {
            var stream = AgentRL.Randomness.RandomStream.Root(seed, "step plan test");
            var plan = new StepPlan(threads);
            var sequences = rows.Select((count, id) => Begun(id, count + 3)).ToArray();
            foreach (var sequence in sequences) sequence.Home = (int)(stream.DoubleAt(sequence.Id) * (threads + 1)) - 1;
            plan.Clear();
            for (var i = 0; i < rows.Length; i++) plan.AddContext(sequences[i], rows[i]);
            plan.Cut();

            var (read, share) = (new int[rows.Length], (rows.Sum() + threads - 1) / threads);
            for (var queue = 0; queue <= threads; queue++)
            {
                var held = 0;
                for (var index = plan.Bounds[queue]; index < plan.Bounds[queue + 1]; index++)
                {
                    var (first, parts, follows) = plan.Group(index);
                    Assert.Equal(read[plan.Part(first).Sequence.Id] > 0, follows);
                    Assert.True(!follows || (index > plan.Bounds[queue] && plan.Part(first - 1).Sequence == plan.Part(first).Sequence), "what it follows is the group before it");
                    var size = 0;
                    for (var p = first; p < first + parts; p++)
                    {
                        var part = plan.Part(p);
                        Assert.Equal(2 + read[part.Sequence.Id], part.First);
                        read[part.Sequence.Id] += part.Rows;
                        size += part.Rows;
                        if (queue > 0) Assert.Equal(queue - 1, part.Sequence.Home);
                    }
                    Assert.InRange(size, 1, StepPlan.LargestGroup);
                    held += size;
                }
                if (queue > 0) Assert.InRange(held, 0, share);
            }
            Assert.Equal(rows, read);
        }, iter: 100, threads: 1);

    private static CpuSequence Begun(int id) => Begun(id, 3);

    private static CpuSequence Begun(int id, int context)
    {
        var sequence = new CpuSequence(id);
        sequence.Begin(Requests.Of(id, new int[context], 4), context + 4);
        sequence.Cached = 2;
        return sequence;
    }
}
