using AgentRL.Fakes;
using AgentRL.Training.Experiments;

namespace AgentRL.Training.Tests.Experiments;

public sealed class TrainingCurveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Keeps_the_training_steps_in_four_digits_and_adds_up_the_stages_that_follow_each_other()
    {
        var curve = TrainingCurve.Load(folder.Write("metrics.jsonl", """
            {"phase":"warm_start","step":1,"loss":6}
            {"phase":"train","step":1,"success":0.123456,"seconds/collect":1.5,"seconds/environments":1,"seconds/update":0.25}
            {"phase":"eval","step":1,"success":1}
            {"phase":"train","step":2,"success":null,"rounds":2}

            """.Trim() + "\n"));
        Assert.Equal([1, 2], curve.Steps);
        Assert.Equal([0.1235, null], curve.Metrics["success"]);
        Assert.Equal([null, 2], curve.Metrics["rounds"]);
        Assert.Equal([1.75, null], curve.Metrics[TrainingCurve.Seconds]);
        Assert.DoesNotContain("reads", curve.Metrics.Keys);
    }

    [Fact]
    public void Counterfactuals_become_means_an_episode_without_pairs_that_failed()
    {
        var changes = MeasuredChange.Load(folder.Write("what-if.json", """
            {"policy_version": 3, "effects": [], "contrasts": [
              {"episode": "a", "turn": 1, "change": "blank-summary", "pairs": [{"unchanged": {"solved": true, "return": 1, "failed": false}, "changed": {"solved": false, "return": 0, "failed": false}},
                                                                               {"unchanged": {"solved": false, "return": 0, "failed": false}, "changed": {"solved": false, "return": 0, "failed": false}},
                                                                               {"unchanged": {"solved": true, "return": 1, "failed": true}, "changed": {"solved": true, "return": 1, "failed": false}}]},
              {"episode": "b", "turn": 1, "change": "blank-summary", "pairs": []}]}
            """));
        var change = Assert.Single(changes);
        Assert.Equal("blank-summary", change.Change);
        Assert.Equal([0.5], change.Unchanged);
        Assert.Equal([0.0], change.Changed);
    }
}
