using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Environments;

public class TaskSourceTests
{
    private static readonly TaskSource Source = new([Mix("a", 5), Mix("b", 3), Mix("c", 2)], Rendering.Compact);

    [Theory]
    [InlineData(0, 1000, 0.01)]
    [InlineData(123_456, 1000, 0.01)]
    [InlineData(int.MaxValue - 999, 1000, 0.01)]
    [InlineData(77, 50, 0.08)] // short stretches too: the sequence's discrepancy is about 2 / n
    public void Every_stretch_of_tasks_has_the_proportions_of_the_mix(int first, int count, double tolerance)
    {
        var names = Enumerable.Range(0, count).Select(n => Name(Source.Create(TaskSplit.Train, first + n))).ToList();
        Assert.Equal(0.5, names.Count(n => n == "toy/a") / (double)count, tolerance);
        Assert.Equal(0.3, names.Count(n => n == "toy/b") / (double)count, tolerance);
        Assert.Equal(0.2, names.Count(n => n == "toy/c") / (double)count, tolerance);
    }

    [Fact]
    public void A_task_is_a_function_of_split_and_number_alone()
    {
        var forwards = Enumerable.Range(0, 50).Select(n => Source.Create(TaskSplit.Eval, n).TaskId).ToList();
        var backwards = Enumerable.Range(0, 50).Reverse().Select(n => Source.Create(TaskSplit.Eval, n).TaskId).Reverse();
        Assert.Equal(forwards, backwards);
        Assert.Equal(50, forwards.Distinct().Count());
        Assert.DoesNotContain(Source.Create(TaskSplit.Train, 3).TaskId, forwards);
    }

    [Fact]
    public void Each_call_makes_a_fresh_environment() =>
        Assert.NotSame(Source.Create(TaskSplit.Train, 0), Source.Create(TaskSplit.Train, 0));

    [Fact]
    public void A_task_is_drawn_with_the_settings_and_the_rendering_of_its_mix()
    {
        var source = new TaskSource([new TaskMix(new NamedTasks("a"), new Dictionary<string, int> { ["size"] = 9 }, 1)], Rendering.Verbose);
        Assert.Equal("toy/a|Long|4|Verbose|9", source.Create(TaskSplit.Long, 4).TaskText);
    }

    [Fact]
    public void A_mix_needs_an_environment_and_positive_weights()
    {
        Assert.Throws<ArgumentException>(() => new TaskSource([], Rendering.Compact));
        Assert.Throws<ArgumentException>(() => new TaskSource([Mix("a", 0)], Rendering.Compact));
        Assert.Throws<ArgumentException>(() => new TaskSource([Mix("a", 1), Mix("b", double.NaN)], Rendering.Compact));
    }

    private static string Name(IEnvironment environment) => environment.TaskText.Split('|')[0];

    private static TaskMix Mix(string name, double weight) => new(new NamedTasks(name), new Dictionary<string, int> { ["size"] = 1 }, weight);
}
