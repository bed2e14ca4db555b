using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Fakes;
using AgentRL.Training.Configuration;
using AgentRL.Training.Experiments;

namespace AgentRL.Training.Tests.Experiments;

public sealed class ExperimentLoaderTests : IDisposable
{
    private const string Head = "question: does it work?\nconfiguration: base.yaml\n";

    private readonly TemporaryFolder folder = new();

    public ExperimentLoaderTests() => folder.Write("base.yaml", "environment: {tasks: [{name: fake/sum}]}\n");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_experiment_says_what_is_run_and_measured()
    {
        var options = Load(Head + """
            set: [training.steps=7]
            arms:
              - name: warm
                set: [training.steps=0]
              - {name: trained, start: warm}
            seeds: [3, 4]
            evaluations:
              - {split: long, rounds: [0, 8], episodes: 20, contexts: [blank_summary], set: [context.max_turns=9]}
              - {name: only, arms: [trained]}
            what_if: {sample: 5, arms: [trained]}
            smoke: {seeds: [9], set: [training.steps=1], episodes: 2}
            """);
        Assert.Equal(["warm", "trained"], options.Arms.Select(a => a.Name));
        Assert.Equal(("long", TaskSplit.Long, 20, 10_000), (options.Evaluations[0].Name, options.Evaluations[0].Split, options.Evaluations[0].Episodes, options.Evaluations[0].FirstTask));
        Assert.Equal([ContextStrategyKind.BlankSummary], options.Evaluations[0].Contexts);

        var plan = Plan(options, smoke: false);
        Assert.Equal(["warm-seed3", "trained-seed3", "warm-seed4", "trained-seed4"], plan.Runs.Select(r => r.Name));
        var (warm, trained) = (plan.Runs[0], plan.Runs[1]);
        Assert.Equal(["seed=3", "training.threads=1", "rollout.workers=1", "training.steps=7", "training.steps=0"], warm.Settings);
        Assert.Equal(warm, trained.Start);
        Assert.Equal([$"model={{path: \"{warm.Policy}\"}}", "warm_start.steps=0"], trained.Settings.TakeLast(2));
        Assert.Equal([(string?)null, "blank_summary"], warm.EvalArguments().Select(e => e.Context));
        Assert.Equal(["long", "long", "only"], trained.EvalArguments().Select(e => e.Measurement.Name));
        Assert.Null(warm.WhatIf);
        Assert.Equal(5, trained.WhatIf!.Sample);
        Assert.Equal("--split long --episodes 20 --first-task 10000 --rounds 0,8 --context blank_summary --set context.max_turns=9", string.Join(' ', warm.EvalArguments().Last().Arguments.Skip(2).SkipLast(2)));

        var small = Plan(options, smoke: true);
        Assert.Equal(["warm-seed9", "trained-seed9"], small.Runs.Select(r => r.Name));
        Assert.Equal("training.steps=1", small.Runs[0].Settings[^1]);
        Assert.All(small.Runs.SelectMany(r => r.Measurements), m => Assert.Equal(2, m.Episodes));
        Assert.StartsWith("runs", small.Results, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Head + "arms: [{name: a}]\nsedes: [1]", "sweep.yaml:4: sedes: unknown key; expected one of question, ", "did you mean seeds?")]
    [InlineData(Head + "arms: [{name: a, sett: [x]}]", "sweep.yaml:3: arms[0].sett: unknown key; expected one of name, configuration, start, set", "did you mean set?")]
    [InlineData(Head + "arms: [{name: a}]\nseeds: [1, two]", "sweep.yaml:4: seeds[1]: is 'two'; expected a whole number", "")]
    [InlineData(Head + "arms: []", "sweep.yaml:3: arms: is empty: there is nothing to run; expected at least one arm", "")]
    [InlineData(Head + "arms: [{name: a}]\nseeds: [1, 1]", "sweep.yaml:4: seeds: has a seed twice", "")]
    [InlineData(Head + "arms: [{name: a}, {name: a}]", "sweep.yaml:3: arms[1].name: is 'a', as an arm above is", "")]
    [InlineData(Head + "arms: [{name: ../a}]", "sweep.yaml:3: arms[0].name: is '../a'; expected letters", "")]
    [InlineData(Head + "arms: [{name: warm}, {name: b, start: worm}]", "sweep.yaml:3: arms[1].start: no arm above is named 'worm'; expected one of warm; did you mean warm?", "")]
    [InlineData(Head + "arms: [{name: a, start: a}]", "sweep.yaml:3: arms[0].start: no arm above is named 'a'; expected no start: this is the first arm", "")]
    [InlineData(Head + "arms: [{name: warm}]\nreference: worm", "sweep.yaml:4: reference: no arm is named 'worm'; expected one of warm; did you mean warm?", "")]
    [InlineData(Head + "arms: [{name: a}]\nevaluations: [{split: lang}]", "sweep.yaml:4: evaluations[0].split: is 'lang'; expected one of train, eval, long", "did you mean long?")]
    [InlineData(Head + "arms: [{name: a}]\nevaluations: [{split: eval}, {split: eval}]", "sweep.yaml:4: evaluations[1].name: 'eval' is the name of a measurement above", "")]
    [InlineData(Head + "arms: [{name: a}]\nevaluations: [{rounds: [4, 2]}]", "sweep.yaml:4: evaluations[0].rounds: does not ascend", "")]
    [InlineData(Head + "arms: [{name: arm}]\nevaluations: [{arms: [amr]}]", "sweep.yaml:4: evaluations[0].arms[0]: no arm is named 'amr'", "did you mean arm?")]
    [InlineData("configuration: base.yaml\narms: [{name: a}]", "sweep.yaml:1: question: is missing", "")]
    [InlineData("question: q\narms: [{name: a}]", "sweep.yaml:1: configuration: is missing", "")]
    [InlineData("question: [", "sweep.yaml:2: this is no YAML", "")]
    public void Says_line_key_and_what_was_expected(string yaml, string begins, string ends)
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => Load(yaml)).Faults).ToString().Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        Assert.StartsWith(begins, fault, StringComparison.Ordinal);
        Assert.EndsWith(ends, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arms: [{name: a}, {name: b, set: [context.max_ruonds=3]}]", "arm b: --set:4: context.max_ruonds: unknown key", "(in context.max_ruonds=3)")]
    [InlineData("arms: [{name: a}]\nset: [training.group_size=1]", "arm a: --set:4: training.group_size: is 1", "(in training.group_size=1)")]
    [InlineData("arms: [{name: a}]\nsmoke: {set: [training.steps=few]}", "arm a: --set:4: training.steps: is 'few'", "(in training.steps=few)")]
    [InlineData("arms: [{name: a}]\nevaluations: [{set: [context.strategy=non]}]", "arm a, evaluation eval: --set:4: context.strategy: is 'non'", "(in context.strategy=non)")]
    [InlineData("arms: [{name: a, configuration: nowhere.yaml}]", "nowhere.yaml: there is no such file", "")]
    public void Settings_of_the_last_arm_are_checked_before_the_first_begins(string yaml, string says, string ends)
    {
        var message = Assert.Throws<BadInputException>(() => Load(Head + yaml)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Contains(ends, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_do_not_change_what_a_result_is_of_and_everything_else_does()
    {
        const string yaml = Head + "arms: [{name: a}]\nevaluations: [{episodes: 20}]\n";
        var before = Plan(Load(yaml), false).Runs[0].Fingerprint();
        folder.Write("base.yaml", "# a comment\nenvironment: {tasks: [{name: fake/sum}]}\n\n");
        Assert.Equal(before, Plan(Load(yaml), false).Runs[0].Fingerprint());
        Assert.NotEqual(before, Plan(Load(yaml.Replace("20", "21", StringComparison.Ordinal)), false).Runs[0].Fingerprint());
        Assert.NotEqual(before, Plan(Load(yaml + "set: [training.steps=9]"), false).Runs[0].Fingerprint());
        folder.Write("base.yaml", "environment: {tasks: [{name: fake/sum, weight: 2}]}\n");
        Assert.NotEqual(before, Plan(Load(yaml), false).Runs[0].Fingerprint());
    }

    private ExperimentOptions Load(string yaml) => ExperimentLoader.Load(folder.Write("sweep.yaml", yaml), SumDefinition.Catalog);

    private ExperimentPlan Plan(ExperimentOptions options, bool smoke) => ExperimentPlan.Of(Path.Combine(folder.Path, "sweep.yaml"), options, "runs", smoke);
}
