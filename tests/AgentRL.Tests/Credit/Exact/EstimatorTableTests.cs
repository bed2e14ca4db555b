using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using AgentRL.Credit;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>The exact figures of all estimators, kept as a table in <c>experiments/trust/estimators.md</c>. To approve a new one, set AGENTRL_APPROVE=1.</summary>
public class EstimatorTableTests
{
    private static readonly (string Name, Func<ExactTask, Func<IReadOnlyList<TrajectoryClass>, double[]>> Coefficients)[] Estimators =
    [
        ("no baseline", _ => GroupMoments.Constant(0)),
        ("the task's mean reward", task => GroupMoments.Constant(task.Expect(c => c.Reward))),
        ("`leave_one_out`", _ => GroupMoments.Credited(AdvantageKind.LeaveOneOut)),
        ("`group_episode_no_std`", _ => GroupMoments.Credited(AdvantageKind.GroupEpisodeNoStd)),
        ("`group_episode`", _ => GroupMoments.Credited(AdvantageKind.GroupEpisode)),
        ("`group_segment`", _ => GroupMoments.Credited(AdvantageKind.GroupSegment)),
    ];

    [Fact]
    public void The_exact_expectation_and_variance_of_every_estimator_are_as_approved()
    {
        var text = new StringBuilder(
            """
            # Gradient estimators, computed exactly

            All trajectories of the toy process with a memory (`tests/AgentRL.Tests/Credit/Exact/VaultProcess.cs`: look at a code, archive it, read it back, submit; two tasks, up to
            four turns), all groups of n episodes, no sampling. The estimate is (1/n) Σ A·g, g the sum of the scores of an episode's loss tokens. Length and angle are those of its
            expectation beside the policy gradient; the variance is the trace of the covariance; the last column is what would be left of it at full length, relative to no baseline.
            `dotnet test tests/AgentRL.Tests --filter EstimatorTableTests` checks this file.

            - Every baseline of the group bears a constant added to all rewards; without one, variance grows with it. Where rewards are mostly 0, a group's own mean is noise: at n = 2
              `leave_one_out` is worse than nothing.
            - `leave_one_out` points along the policy gradient and has its length; `group_episode_no_std` is that times (n − 1)/n.
            - Dividing by the deviation only scales a task's gradient where there are two rewards (tasks of other success rates then weigh differently), and turns it where there are more.
              `group_segment` turns it in any case.
            - Dividing by a number of tokens that episodes have a say in turns the gradient too: short episodes weigh more.


            """.ReplaceLineEndings("\n"));
        Section(text, "Four rewards (0, 0.1, 0.4, 1)", ExactTask.All(VaultProcess.Soft, t => t.Episode.Reward));
        Section(text, "The same, each half a point up", ExactTask.All(VaultProcess.Soft, t => t.Episode.Reward + 0.5));
        Section(text, "Two rewards (right or not)", ExactTask.All(VaultProcess.Soft, t => t.Episode.Solved ? 1 : 0));
        Lengths(text, ExactTask.All(VaultProcess.Soft, t => t.Episode.Reward));
        AssertApproved(text.ToString());
    }

    private static void Section(StringBuilder text, string title, IReadOnlyList<ExactTask> tasks)
    {
        var gradient = Gradient(tasks);
        text.Append($"## {title}\n\n| baseline | n | length | angle | variance | at full length |\n|---|---|---|---|---|---|\n");
        foreach (var n in (int[])[2, 4, 8])
        {
            var none = double.NaN;
            foreach (var (name, coefficients) in Estimators)
            {
                var moments = GroupMoments.OverTasks(tasks.Select(t => t.Moments(n, coefficients(t))));
                var length = moments.Mean.Dot(gradient) / gradient.Dot(gradient);
                var scaled = moments.Variance / length / length;
                if (double.IsNaN(none)) none = scaled;
                text.Append($"| {name} | {n} | {Number(length)} | {Angle(moments.Mean, gradient)} | {Number(moments.Variance)} | {Number(scaled / none)} |\n");
            }
        }
        text.Append('\n');
    }

    /// <summary>What the random number of tokens in the denominator does: the learner's N is that of the batch, or of each episode.</summary>
    private static void Lengths(StringBuilder text, IReadOnlyList<ExactTask> tasks)
    {
        var gradient = Gradient(tasks);
        text.Append("## What is divided by\n\nThe expectation of Σ A·g / N under `leave_one_out`, N the loss tokens of the group (`token_mean`), or each episode's own (`episode_mean`).\n\n");
        text.Append("| loss_aggregation | n | angle |\n|---|---|---|\n");
        foreach (var n in (int[])[2, 3])
        {
            var loo = GroupMoments.Credited(AdvantageKind.LeaveOneOut);
            Row("token_mean", n, group => [.. loo(group).Select(a => a * group.Count / group.Sum(c => c.Tokens))]);
            Row("episode_mean", n, group => [.. loo(group).Zip(group, (a, c) => a / c.Tokens)]);
        }

        void Row(string name, int n, Func<IReadOnlyList<TrajectoryClass>, double[]> coefficients)
        {
            var mean = GroupMoments.OverTasks(tasks.Select(t => GroupMoments.Of(t.ByTokens, n, coefficients))).Mean;
            text.Append($"| `{name}` | {n} | {Angle(mean, gradient)} |\n");
        }
    }

    private static double[] Gradient(IReadOnlyList<ExactTask> tasks) => tasks.Sum(tasks[0].Gradient.Length, _ => 1.0 / tasks.Count, t => t.Gradient);

    private static string Angle(double[] a, double[] b) => (Math.Acos(Math.Min(1, a.Cosine(b))) * 180 / Math.PI).ToString("0.00", CultureInfo.InvariantCulture) + "°";

    private static string Number(double value) => value.ToString("0.00000", CultureInfo.InvariantCulture);

    private static void AssertApproved(string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "..", "..", "experiments", "trust", "estimators.md");
        if (Environment.GetEnvironmentVariable("AGENTRL_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }
        Assert.True(File.Exists(path), $"{path} does not exist; run the test once with AGENTRL_APPROVE=1");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
