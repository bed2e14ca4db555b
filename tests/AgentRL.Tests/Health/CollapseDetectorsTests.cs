using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Health;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;

namespace AgentRL.Tests.Health;

public class CollapseDetectorsTests
{
    private static readonly AlgorithmOptions Options = new();

    [Fact]
    public void Entropy_below_a_tenth_of_its_start_is_a_collapse_while_tasks_are_unsolved()
    {
        var found = CollapseDetectors.Entropy([WithEntropy(0.04f, 0), WithEntropy(0.06f, 1), WithEntropy(0.05f, 0)], atStart: 0.6)!;
        Assert.Equal((1, 1), (found.Cases, found.Of));
        Assert.StartsWith("entropy has fallen to 0.05, from 0.6 at the first step, at 33 % success", found.Warning, StringComparison.Ordinal);
        Assert.Contains("entropy_coef", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_is_sure_because_it_solves_its_tasks_has_not_collapsed() =>
        Assert.Equal(new HealthFinding("entropy_collapse", 0, 1, null), CollapseDetectors.Entropy([WithEntropy(0.001f, 1), WithEntropy(0.001f, 1)], atStart: 1));

    [Fact]
    public void Entropy_that_falls_to_a_fifth_has_not_collapsed() => Assert.Null(CollapseDetectors.Entropy([WithEntropy(0.2f, 0)], atStart: 1)!.Warning);

    [Fact]
    public void Nothing_is_said_of_entropies_that_are_not_known()
    {
        Assert.Null(CollapseDetectors.Entropy([MadeEpisodes.With(0, [3])], atStart: 1));
        Assert.Null(CollapseDetectors.Entropy([WithEntropy(0.001f, 0)], atStart: null));
        Assert.Null(CollapseDetectors.MeanEntropy([MadeEpisodes.With(0, [3])]));
    }

    [Fact]
    public void The_mean_entropy_is_that_of_sampled_tokens_alone()
    {
        var builder = new SegmentBuilder();
        builder.Append(TokenKind.Task, [1, 2, 3]);
        builder.AppendSampled(TokenKind.Action, [4, 5], [-1, -1], 0, [0.25f, 0.75f]);
        Assert.Equal(0.5, CollapseDetectors.MeanEntropy([MadeEpisodes.With(0, []) with { Segments = [builder.Build()] }]));
    }

    [Fact]
    public void Equal_rewards_in_most_groups_below_the_full_one_are_warned_of()
    {
        Episode[] episodes = [.. Group(0, 0, 0), .. Group(1, 0.5, 0.5), .. Group(2, 0, 1)];
        var found = CollapseDetectors.EqualRewards(episodes, Options)!;
        Assert.Equal((2, 3), (found.Cases, found.Of));
        Assert.StartsWith("2 of 3 groups have one reward for all", found.Warning, StringComparison.Ordinal);
        Assert.Contains("resample_zero_variance", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_are_solved_throughout_or_differ_are_healthy()
    {
        var found = CollapseDetectors.EqualRewards([.. Group(0, 1, 1), .. Group(1, 1, 1), .. Group(2, 0, 1), .. Group(3, 0, 0)], Options)!;
        Assert.Equal(new HealthFinding("equal_rewards", 1, 4, null), found);
        Assert.Null(CollapseDetectors.EqualRewards([MadeEpisodes.With(0, [1])], Options)); // no group of two
    }

    [Fact]
    public void More_overlong_episodes_than_others_are_warned_of()
    {
        Episode[] episodes = [MadeEpisodes.With(0, [1], Outcome.TurnsExhausted), MadeEpisodes.With(0, [1], Outcome.RoundsExhausted), MadeEpisodes.With(1, [1])];
        Assert.StartsWith("2 of 3 episodes ran out of turns or rounds", CollapseDetectors.Overlong(episodes).Warning, StringComparison.Ordinal);
        Assert.Null(CollapseDetectors.Overlong([episodes[0], episodes[2]]).Warning);
    }

    [Fact]
    public void Failed_episodes_are_left_out_and_a_step_of_nothing_else_has_no_findings()
    {
        Episode[] failed = [MadeEpisodes.With(0, [1], Outcome.EnvironmentFailed), MadeEpisodes.With(0, [1], Outcome.GenerationFailed)];
        Assert.Empty(HealthCheck.Of(failed, Options, new ToyTokenizer(), null));
        var findings = HealthCheck.Of([.. failed, .. Group(1, 0, 1)], Options, new ToyTokenizer(), null);
        Assert.Equal(["equal_rewards 0/1", "overlong 0/2"], findings.Select(f => $"{f.Name} {f.Cases}/{f.Of}"));
    }

    private static Episode[] Group(int group, params double[] rewards) => [.. rewards.Select((r, i) => MadeEpisodes.With(r, [2], group: group, sample: i))];

    private static Episode WithEntropy(float entropy, double reward)
    {
        var builder = new SegmentBuilder();
        builder.AppendSampled(TokenKind.Action, [4, 5], [-1, -1], 0, [entropy, entropy]);
        return MadeEpisodes.With(reward, []) with { Segments = [builder.Build()] };
    }
}
