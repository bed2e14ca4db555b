using AgentRL.Training.Configuration;

namespace AgentRL.Training.Tests.Configuration;

/// <summary>Small files that stand for much.</summary>
public sealed class HostileConfigurationTests : LoaderFixture
{
    [Fact]
    public void Aliases_that_multiply_are_refused_with_their_line()
    {
        var yaml = Task + "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n";
        for (var level = 'b'; level <= 'h'; level++) yaml += $"{level}: &{level} [{string.Join(", ", Enumerable.Repeat($"*{(char)(level - 1)}", 10))}]\n";
        var fault = Fault(yaml);
        Assert.StartsWith("run.yaml:6: this is no YAML: more than 100000 values, aliases included", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Some_hundred_faults_are_told_and_the_others_are_counted()
    {
        var faults = Faults(Task + string.Concat(Enumerable.Range(0, 700).Select(i => $"key{i}: 1\n")));
        Assert.Equal(501, faults.Length);
        Assert.StartsWith("run.yaml:2: key0: unknown key", faults[0], StringComparison.Ordinal);
        Assert.Equal("run.yaml:501: and at least 201 further faults", faults[^1]);
    }

    [Fact]
    public void A_key_without_end_is_refused_at_the_cost_of_reading_it()
    {
        var yaml = Task + "? " + new string('k', 60_000) + "\n: 1\n"; // keys on one line end at 1024 letters
        Fault(yaml);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.InRange(Fault(yaml).Length, 200, 2000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Hundreds_of_tasks_are_refused_before_each_is_tried()
    {
        var fault = Fault("environment: {tasks: [&t {name: fake/sum}, " + string.Join(", ", Enumerable.Repeat("*t", 256)) + "]}\n");
        Assert.Equal("run.yaml:1: environment.tasks: has 257 items; expected at most 256", fault);
    }

    [Fact]
    public void Faults_that_aliases_multiply_cost_no_more_than_the_first_hundreds()
    {
        var settings = string.Join(", ", Enumerable.Range(0, 300).Select(n => $"k{n}: 1"));
        var yaml = $"environment: {{tasks: [&t {{name: fake/sum, settings: {{{settings}}}}}, {string.Join(", ", Enumerable.Repeat("*t", 200))}]}}\n";
        Faults(yaml);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(501, Faults(yaml).Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000_000);
    }

    [Fact]
    public void A_fault_below_a_key_still_keeps_checks_across_keys_quiet() =>
        Assert.Equal("run.yaml:2: evaluation.rounds[1]: is 'x'; expected a whole number, 0..100000", Fault(Task + "evaluation: {rounds: [3, x, 1]}\n"));
}
