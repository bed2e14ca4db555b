using AgentRL.Contexts;

namespace AgentRL.Training.Tests.Configuration;

public sealed class OverrideTests : LoaderFixture
{
    [Fact]
    public void Replaces_adds_and_lets_the_later_win()
    {
        var configuration = Load(
            Task + "training: {steps: 5}", "training.steps=6", "training.steps=7", "context.strategy=full", "evaluation.rounds=[0, 3]", "model.path=null");
        Assert.Equal(7, configuration.Training.Steps);
        Assert.Equal(ContextStrategyKind.Full, configuration.Context.Strategy);
        Assert.Equal([0, 3], configuration.Evaluation.Rounds);
    }

    [Fact]
    public void Reaches_items_of_lists_by_index()
    {
        var configuration = Load(Task, "environment.tasks.0.weight=2.5", "environment.tasks[0].settings.largest=7");
        Assert.Equal(2.5, configuration.Environment.Tasks[0].Weight);
        Assert.Equal(7, configuration.Environment.Tasks[0].Settings["largest"]);
    }

    [Theory]
    [InlineData("training.stepps=1", "--set:2: training.stepps: unknown key; expected one of steps, ", "; did you mean steps?")]
    [InlineData("training.steps=x", "--set:2: training.steps: is 'x'; expected a whole number, 0..10000000", "")]
    [InlineData("training.steps", "--set:2: 'training.steps' is no setting; expected key=value, for example training.steps=20", "")]
    [InlineData("=3", "--set:2: '=3' is no setting", "")]
    [InlineData("training..steps=3", "--set:2: 'training..steps=3' is no setting", "")]
    [InlineData("training.steps.deep=3", "--set:2: training.steps.deep: training.steps is '5', with nothing below it; expected a key of a section", "")]
    [InlineData("environment.tasks.1.weight=3", "--set:2: environment.tasks.1.weight: '1' is no item of environment.tasks; expected an index 0..0", "")]
    [InlineData("evaluation.rounds=[1", "--set:2: evaluation.rounds: the value is no YAML: ", "")]
    public void Reports_faults_with_the_ordinal_of_the_option(string text, string begins, string ends)
    {
        var fault = Fault(Task + "training: {steps: 5}", "seed=2", text);
        Assert.StartsWith(begins, fault, StringComparison.Ordinal);
        Assert.EndsWith(ends, fault, StringComparison.Ordinal);
    }
}
