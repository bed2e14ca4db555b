using AgentRL.Contexts;
using AgentRL.Credit;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>A task of <see cref="VaultProcess"/> with all that can happen in it.</summary>
/// <param name="Trajectories">All of them.</param>
/// <param name="Classes">The same, by what a baseline can tell apart.</param>
/// <param name="ByTokens">The same, and by loss tokens.</param>
internal sealed record ExactTask(IReadOnlyList<Trajectory> Trajectories, IReadOnlyList<TrajectoryClass> Classes, IReadOnlyList<TrajectoryClass> ByTokens)
{
    /// <summary>∇J = Σ p(τ) R(τ) g(τ).</summary>
    public double[] Gradient { get; } = Classes.Sum(Classes[0].Mean.Length, c => c.Probability * c.Reward, c => c.Mean);

    /// <summary>Enumerates all tasks.</summary>
    public static IReadOnlyList<ExactTask> All(ContextOptions options, Func<Trajectory, double> reward) =>
    [
        .. VaultProcess.Tasks(options).Select(trajectories =>
        {
            var scored = trajectories.Select(t => (t, VaultProcess.Policy.Score(t.Episode, new AlgorithmOptions()))).ToList();
            return new ExactTask(trajectories, TrajectoryClass.Of(scored, reward), TrajectoryClass.Of(scored, reward, byTokens: true));
        }),
    ];

    /// <summary>Mean and second moment of a group's estimate.</summary>
    public GroupMoments Moments(int size, Func<IReadOnlyList<TrajectoryClass>, double[]> coefficients) => GroupMoments.Of(Classes, size, coefficients);

    /// <summary>An expectation over trajectories of what is the same within a class.</summary>
    public double Expect(Func<TrajectoryClass, double> value) => Classes.Sum(c => c.Probability * value(c));
}
