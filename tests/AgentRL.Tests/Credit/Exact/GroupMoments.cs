using AgentRL.Credit;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>
/// Trajectories of one task that no baseline can tell apart: same reward, same number of segments (and of loss tokens, where that matters).
/// </summary>
/// <param name="Reward">What the advantage is computed from.</param>
/// <param name="Segments">Number of segments.</param>
/// <param name="Tokens">Number of loss tokens; 0 where trajectories of any number are together.</param>
/// <param name="Probability">Of one of them.</param>
/// <param name="Mean">E[g | class], g the sum of scores.</param>
/// <param name="Square">E[|g|² | class].</param>
internal sealed record TrajectoryClass(double Reward, int Segments, int Tokens, double Probability, double[] Mean, double Square)
{
    /// <summary>Sorts a task's trajectories into classes.</summary>
    public static IReadOnlyList<TrajectoryClass> Of(IEnumerable<(Trajectory Trajectory, double[] Score)> scored, Func<Trajectory, double> reward, bool byTokens = false) =>
    [
        .. scored.GroupBy(s => (Reward: reward(s.Trajectory), Segments: s.Trajectory.Episode.Segments.Count, Tokens: byTokens ? s.Trajectory.Episode.Segments.Sum(x => x.LossTokens) : 0))
            .OrderBy(g => g.Key).Select(g =>
            {
                var p = g.Sum(s => s.Trajectory.Probability);
                return new TrajectoryClass(
                    g.Key.Reward, g.Key.Segments, g.Key.Tokens, p, g.Sum(VaultProcess.Policy.Theta.Length, s => s.Trajectory.Probability / p, s => s.Score),
                    g.Sum(s => s.Trajectory.Probability / p * s.Score.Dot(s.Score)));
            }),
    ];
}

/// <summary>
/// Exact mean and variance of a group's gradient estimate Σ_j a_j g_j, where the coefficients a depend on the classes of the group's episodes alone. The sum runs
/// over all multisets of n classes with their multinomial probabilities; that is the sum over all groups of n trajectories, with equal terms taken together.
/// </summary>
/// <param name="Mean">E[ĝ].</param>
/// <param name="SecondMoment">E|ĝ|².</param>
internal sealed record GroupMoments(double[] Mean, double SecondMoment)
{
    /// <summary>Trace of the covariance.</summary>
    public double Variance => SecondMoment - Mean.Dot(Mean);

    /// <summary>Of one task's groups.</summary>
    /// <param name="classes">The task's classes.</param>
    /// <param name="size">Episodes a group, n.</param>
    /// <param name="coefficients">From the classes of a group's episodes to what multiplies the score of each.</param>
    public static GroupMoments Of(IReadOnlyList<TrajectoryClass> classes, int size, Func<IReadOnlyList<TrajectoryClass>, double[]> coefficients)
    {
        var length = classes[0].Mean.Length;
        double[][] products = [.. classes.Select(a => classes.Select(b => a.Mean.Dot(b.Mean)).ToArray())];
        var (mean, second) = (new double[length], 0.0);
        var counts = new int[classes.Count];
        Visit(0, size, 1);
        return new GroupMoments(mean, second);

        void Visit(int at, int left, double probability)
        {
            if (at == classes.Count - 1)
            {
                counts[at] = left;
                Add(probability * Math.Pow(classes[at].Probability, left));
                return;
            }
            var (term, ways) = (1.0, 1.0); // p^k, and left choose k
            for (var k = 0; k <= left; k++)
            {
                counts[at] = k;
                Visit(at + 1, left - k, probability * term * ways);
                term *= classes[at].Probability;
                ways = ways * (left - k) / (k + 1);
            }
        }

        void Add(double probability)
        {
            var group = classes.SelectMany((c, i) => Enumerable.Repeat(i, counts[i])).ToArray();
            var a = coefficients([.. group.Select(i => classes[i])]);
            for (var i = 0; i < group.Length; i++)
            {
                for (var k = 0; k < length; k++) mean[k] += probability * a[i] * classes[group[i]].Mean[k];
                second += probability * a[i] * a[i] * classes[group[i]].Square;
                for (var j = 0; j < group.Length; j++) second += i == j ? 0 : probability * a[i] * a[j] * products[group[i]][group[j]];
            }
        }
    }

    /// <summary>A task drawn at random, then a group.</summary>
    public static GroupMoments OverTasks(IEnumerable<GroupMoments> tasks)
    {
        var all = tasks.ToList();
        return new GroupMoments(all.Sum(all[0].Mean.Length, _ => 1.0 / all.Count, t => t.Mean), all.Average(t => t.SecondMoment));
    }

    /// <summary>The library's advantages, divided by n.</summary>
    public static Func<IReadOnlyList<TrajectoryClass>, double[]> Credited(AdvantageKind kind) =>
        group => [.. Advantages.Compute([.. group.Select(c => new GradedEpisode(c.Reward, c.Segments, true))], new AlgorithmOptions { Advantage = kind }).Select(a => a / group.Count)];

    /// <summary>Reward less a constant, divided by n: no baseline, or one that knows the task.</summary>
    public static Func<IReadOnlyList<TrajectoryClass>, double[]> Constant(double baseline) => group => [.. group.Select(c => (c.Reward - baseline) / group.Count)];
}
