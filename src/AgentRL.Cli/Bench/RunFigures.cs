using AgentRL.Training.Loop;

namespace AgentRL.Cli.Bench;

/// <summary>Real training steps of a run's settings and policy: how fast rollouts are against steady decoding and prefill, and where a step's time goes.</summary>
internal static class RunFigures
{
    private static readonly string[] Stages = ["collect", "environments", "credit", "archive", "update", "publish"];

    public static IEnumerable<BenchFigure> Measure(string run, string? record, bool quick, TimeSpan duration, CliContext context, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("agentrl-bench-");
        try
        {
            List<ShapeRecorder> recorders = [];
            using var bench = RunBenchmark.Open(run, MixedRollouts.Concurrency, scratch.FullName, Watch, context.Catalog, context.Time);
            // Code is compiled meanwhile, most of it a second time: after a single step generation is several times as slow as it will be, and after five seconds by a third.
            var (warmUp, least, count) = quick ? (TimeSpan.FromSeconds(5), TimeSpan.Zero, 3) : (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10), 8);
            for (var began = context.Time.GetTimestamp(); context.Time.GetElapsedTime(began) < warmUp;) bench.Step(cancellationToken);
            recorders.ForEach(r => r.Clear());
            var steps = new List<StepFigures>();
            for (var began = context.Time.GetTimestamp(); steps.Count < count || context.Time.GetElapsedTime(began) < least;)
            {
                steps.Add(bench.Step(cancellationToken));
                if (steps.Count == 1 && record is not null) Save(bench, Shape(), record);
            }
            var shape = Shape();
            var processed = steps.Sum(s => s.TokensProcessed);
            var rate = processed / steps.Sum(s => s.Stages["collect"]);
            var steady = SteadyRate.Of(bench.Policy, bench.Configuration.Rollout.Cache, MixedRollouts.Concurrency, shape, processed, context.Time, duration, cancellationToken);
            yield return new BenchFigure("rollouts.run.steady", steady, "tokens/s");
            yield return new BenchFigure("rollouts.run", rate, "tokens/s", rate / steady, "rollouts.run.steady");
            yield return new BenchFigure("rollouts.run.episodes", steps.Average(s => s.Episodes), "a step");
            var step = Seconds(s => s.Total.TotalSeconds);
            yield return new BenchFigure("step.run", step, "s");
            foreach (var stage in Stages) yield return Part(stage, Seconds(s => s.Stages[stage]));
            yield return Part("archived", Seconds(s => s.Archived.TotalSeconds));
            yield return Part("beside", Seconds(s => s.Stages["environments"] + s.Stages["credit"] + s.Archived.TotalSeconds));

            var processor = Seconds(s => s.Processor.TotalSeconds);
            yield return new BenchFigure("step.run.processor", processor, "s");
            if (steps.Any(s => s.Driving > TimeSpan.Zero))
            {
                // The archive's thread is told by the clock, which is no less than its processor time.
                var beside = Seconds(s => s.Driving.TotalSeconds + s.Stages["credit"] + s.Archived.TotalSeconds);
                yield return new BenchFigure("step.run.beside.processor", beside, "s", beside / processor, "step.run.processor");
            }

            RolloutShape Shape() => new([.. recorders.SelectMany(r => r.Episodes())]);

            double Seconds(Func<StepFigures, double> of) => steps.Average(of);

            BenchFigure Part(string name, double seconds) => new($"step.run.{name}", seconds, "s", seconds / step, "step.run");

            ShapeRecorder Watch(Rollouts.IGenerationEngine engine)
            {
                recorders.Add(new ShapeRecorder(engine));
                return recorders[^1];
            }
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static void Save(RunBenchmark bench, RolloutShape shape, string path)
    {
        var tasks = string.Join(", ", bench.Configuration.Environment.Tasks.Select(t => t.Name).Distinct());
        File.WriteAllText(path, $"# {shape.Episodes.Count} training episodes of {tasks}: a line an episode, its group and its turns as kept+fresh>drawn tokens.\n{shape}");
    }
}
