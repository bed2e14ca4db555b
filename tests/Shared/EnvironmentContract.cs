using System.Text.Json;
using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;
using AgentRL.Tools;

namespace AgentRL.Environments.Testing;

/// <summary>
/// What every environment must keep, as checks that take a definition. It needs nothing but the public contract, so the test project of any
/// environment can link this file and call each check for its own definitions.
/// </summary>
public static class EnvironmentContract
{
    private const int MaximumTurns = 5000;
    private const int LongestError = 300;

    /// <summary>An instance drawn with default settings.</summary>
    public static IEnvironment Draw(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering) =>
        definition.Create(Parameters(definition, split, index, rendering));

    /// <summary>The parameters of an instance drawn with default settings.</summary>
    public static JsonObject Parameters(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering) =>
        definition.Draw(split, index, rendering, definition.Settings.ToDictionary(s => s.Name, s => s.Default));

    /// <summary>Lets a solver finish an episode, and gives what it called and saw.</summary>
    /// <param name="archive">Evidence by name, given to a solver that misses it (<see cref="IEvidenceSolver"/>).</param>
    public static List<(SolverTurn Turn, Observation Observation)> Finish(IEnvironment environment, IReferenceSolver solver, IReadOnlyDictionary<string, string>? archive = null)
    {
        var turns = new List<(SolverTurn, Observation)>();
        while (!environment.Result.IsOver)
        {
            Assert.True(turns.Count < MaximumTurns, $"{environment.TaskId}: the solver does not come to an end");
            Remind(solver, archive);
            var turn = solver.NextTurn();
            var observation = Step(environment, turn.Call);
            solver.Observe(observation);
            turns.Add((turn, observation));
        }
        return turns;
    }

    /// <summary>Solves a fresh instance from the start.</summary>
    public static List<(SolverTurn Turn, Observation Observation)> Solve(IEnvironment environment)
    {
        var solver = environment.CreateSolver();
        solver.Resume(null);
        return Finish(environment, solver);
    }

    /// <summary>The evidence of an instance's reference solution by name, each cut out of the observation that held it by its anchors. Empty for solvers without evidence.</summary>
    public static IReadOnlyDictionary<string, string> ArchiveOf(IEnvironment environment)
    {
        var archive = new Dictionary<string, string>();
        var solver = environment.CreateSolver();
        solver.Resume(null);
        for (var turns = 0; solver is IEvidenceSolver keeper && !environment.Result.IsOver; turns++)
        {
            Assert.True(turns < MaximumTurns, $"{environment.TaskId}: the solver does not come to an end");
            var text = Step(environment, solver.NextTurn().Call) is var observation ? observation.Text : "";
            solver.Observe(observation);
            foreach (var evidence in keeper.Evidence.Where(e => !archive.ContainsKey(e.Name)))
            {
                var start = text.IndexOf(evidence.Start, StringComparison.Ordinal);
                var mid = text.IndexOf(evidence.Mid, start + evidence.Start.Length, StringComparison.Ordinal);
                var end = text.IndexOf(evidence.End, mid + evidence.Mid.Length, StringComparison.Ordinal);
                Assert.True(start >= 0 && mid > start && end > mid, $"{environment.TaskId}: the evidence {evidence.Name} is not in the observation that gave it");
                archive.Add(evidence.Name, text[start..(end + evidence.End.Length)]);
            }
        }
        return archive;
    }

    public static void ReferenceSolutionScoresOne(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering)
    {
        var environment = Draw(definition, split, index, rendering);
        var turns = Solve(environment);
        AssertSolved(environment);
        Assert.All(turns, t => Assert.Equal(CallStatus.Ok, t.Observation.Status));
    }

    public static void EmptySolutionScoresZero(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering, ToolCall wrongAnswer)
    {
        var environment = Draw(definition, split, index, rendering);
        Assert.Equal(EnvironmentResult.Running, environment.Result);
        Step(environment, wrongAnswer);
        Assert.True(environment.Result.IsOver);
        Assert.False(environment.Result.Solved);
        Assert.Equal(0, environment.Result.Reward);
        Assert.Equal(CallStatus.Refused, Step(environment, environment.CreateSolver().NextTurn().Call).Status);
    }

    /// <summary>For environments that end by themselves once the goal holds: calls that bring it no nearer.</summary>
    public static void DoingNothingScoresZeroAndNeverEnds(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering, ToolCall idle)
    {
        var environment = Draw(definition, split, index, rendering);
        for (var k = 0; k < 100; k++)
        {
            Assert.Equal(EnvironmentResult.Running, environment.Result);
            Step(environment, idle);
        }
        Solve(environment);
        Assert.Equal(CallStatus.Refused, Step(environment, idle).Status);
        AssertSolved(environment);
    }

    public static void TheTaskIdNamesTheInstanceCompletely(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering)
    {
        var first = Draw(definition, split, index, rendering);
        var second = new EnvironmentCatalog([definition]).Create(first.TaskId);
        Assert.Equal(first.TaskId, second.TaskId);
        Assert.Equal(Prompt(first), Prompt(second));
        Assert.Equal(Seen(Solve(first)), Seen(Solve(second)));
    }

    public static void InterleavedInstancesDoNotAffectEachOther(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering)
    {
        var alone = Enumerable.Range(0, 3).Select(k => Seen(Solve(Draw(definition, split, index + k, rendering)))).ToArray();
        var runs = Enumerable.Range(0, 3).Select(k => Draw(definition, split, index + k, rendering))
            .Select(e => (Environment: e, Solver: e.CreateSolver(), Seen: new List<string>())).ToArray();
        while (runs.Any(r => !r.Environment.Result.IsOver))
        {
            foreach (var run in runs.Where(r => !r.Environment.Result.IsOver))
            {
                var observation = Step(run.Environment, run.Solver.NextTurn().Call);
                run.Solver.Observe(observation);
                run.Seen.Add(observation.Text);
            }
        }
        Assert.Equal(alone, runs.Select(r => r.Seen.ToArray()));
    }

    public static void SnapshotsRestoreExactly(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering)
    {
        var calls = Solve(Draw(definition, split, index, rendering)).Select(t => t.Turn.Call).ToArray();
        var environment = Draw(definition, split, index, rendering);
        if (!environment.CanRestore) return;
        for (var k = 0; k < calls.Length; k++)
        {
            var (snapshot, oracle) = (environment.Snapshot(), environment.OracleState);
            var seen = calls[k..].Select(c => Step(environment, c)).ToArray();
            Assert.True(environment.Result.IsOver);
            environment.Restore(snapshot);
            Assert.False(environment.Result.IsOver);
            Assert.Equal(oracle, environment.OracleState);
            Assert.Equal(seen, calls[k..].Select(c => Step(environment, c)));
            environment.Restore(snapshot);
            Step(environment, calls[k]);
        }
        var other = Draw(definition, split, index, rendering);
        Assert.ThrowsAny<ArgumentException>(() => environment.Restore(other.Snapshot()));
    }

    /// <summary>Instances that differ only in what is hidden must read the same until a tool is called.</summary>
    /// <param name="reseed">Changes what is hidden in an instance, and nothing else.</param>
    public static void HiddenDataAreInNoPrompt(IEnvironmentDefinition definition, TaskSplit split, Rendering rendering, Action<JsonObject, int> reseed)
    {
        var parameters = Parameters(definition, split, 0, rendering);
        var original = definition.Create(parameters);
        var differing = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var copy = parameters.DeepClone().AsObject();
            reseed(copy, seed);
            var other = definition.Create(copy);
            Assert.Equal(Prompt(original), Prompt(other));
            Assert.Equal(original.OracleState, other.OracleState);
            if (!Seen(Solve(definition.Create(parameters))).SequenceEqual(Seen(Solve(other)))) differing++;
        }
        Assert.True(differing > 0, "nothing was hidden");
    }

    public static void TheOracleStateLeadsToSuccessFromEveryPoint(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering)
    {
        var calls = Solve(Draw(definition, split, index, rendering)).Select(t => t.Turn.Call).ToArray();
        for (var k = 0; k < calls.Length; k++)
        {
            var environment = Draw(definition, split, index, rendering);
            foreach (var call in calls[..k]) Step(environment, call);
            var solver = environment.CreateSolver();
            solver.Resume(environment.OracleState);
            Assert.Equal(environment.OracleState, MemoryField.Render(solver.Memory));
            Finish(environment, solver);
            AssertSolved(environment);
        }
    }

    /// <summary>Turns are executed but forgotten at random moments, as when a turn crosses the context threshold.</summary>
    public static void TheSolverRecoversFromDiscardedTurns(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering, bool keepEffects, bool oracleSummary)
    {
        var environment = Draw(definition, split, index, rendering);
        if (!keepEffects && !environment.CanRestore) return;
        var archive = ArchiveOf(Draw(definition, split, index, rendering));
        var random = RandomStream.Root(index, "discards").Sequence();
        var solver = environment.CreateSolver();
        solver.Resume(null);
        for (var turns = 0; !environment.Result.IsOver; turns++)
        {
            Assert.True(turns < MaximumTurns, $"{environment.TaskId}: the solver does not come to an end");
            // What evidence there is to archive must have been in the context once: it is given with the first turn, which never crosses the threshold.
            var discard = random.NextBool(0.25) && (turns > 0 || solver is not IEvidenceSolver);
            var snapshot = discard && !keepEffects ? environment.Snapshot() : null;
            Remind(solver, archive);
            var observation = Step(environment, solver.NextTurn().Call);
            if (discard && !environment.Result.IsOver)
            {
                if (snapshot is not null) environment.Restore(snapshot);
                // What took effect unseen may have filled what was empty; only the oracle knows.
                solver.Resume(oracleSummary ? environment.OracleState : MemoryField.Render(solver.Memory.Where(f => !keepEffects || f.Value != MemoryField.None)));
            }
            else
            {
                solver.Observe(observation);
            }
        }
        AssertSolved(environment);
    }

    /// <summary>From any summary, however bad, the solver still comes to an end, and only with well-formed calls.</summary>
    public static void BadSummariesDoNotStopTheSolver(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering)
    {
        var start = Draw(definition, split, index, rendering).CreateSolver();
        start.Resume(null);
        var unknown = MemoryField.Render(start.Memory);
        var archive = ArchiveOf(Draw(definition, split, index, rendering));
        var calls = Solve(Draw(definition, split, index, rendering)).Select(t => t.Turn.Call).ToArray();
        var states = OracleStates(Draw(definition, split, index, rendering), calls);
        var fields = states[calls.Length / 2];
        var partial = fields.Keys.Select(name => string.Join(' ', fields.Where(f => f.Key != name).Select(f => $"{f.Key}={f.Value}")));
        var garbage = fields.Keys.SelectMany(name => new[] { $"{name}=999999999999", $"{name}=-5", $"{name}=99999999999999999999999", $"{name}=abc", $"{name}=" });
        var names = states.SelectMany(s => s.Keys).Distinct().ToArray();
        var random = RandomStream.Root(index, "mixtures").Sequence();
        var mixed = Enumerable.Range(0, 60).Select(_ => string.Join(' ', names.Select(name => (name, State: states[random.NextInt(0, states.Count - 1)]))
            .Where(p => p.State.ContainsKey(p.name)).Select(p => $"{p.name}={p.State[p.name]}")));
        foreach (var summary in partial.Concat(garbage).Concat(mixed).Concat(["", "complete nonsense", "= == a=b", new string('x', 100_000), unknown]))
        {
            var environment = Draw(definition, split, index, rendering);
            foreach (var call in calls[..(calls.Length / 2)]) Step(environment, call);
            var solver = environment.CreateSolver();
            solver.Resume(summary);
            var turns = Finish(environment, solver, archive);
            Assert.All(turns, t => Assert.NotEqual(CallStatus.BadArguments, t.Observation.Status));
        }
        start.Resume("complete nonsense");
        Assert.Equal(unknown, MemoryField.Render(start.Memory));
    }

    private static List<IReadOnlyDictionary<string, string>> OracleStates(IEnvironment environment, IEnumerable<ToolCall> calls)
    {
        var states = new List<IReadOnlyDictionary<string, string>>();
        foreach (var call in calls)
        {
            states.Add(MemoryField.Parse(environment.OracleState));
            Step(environment, call);
        }
        return states;
    }

    public static void GarbageNeverThrows(IEnvironmentDefinition definition, Rendering rendering)
    {
        var environment = Draw(definition, TaskSplit.Train, 0, rendering);
        foreach (var name in new[] { "", " ", "GET", "🙂", new string('x', 1_000_000), "done ", "\0", "observe()" })
            AssertRefused(Step(environment, new ToolCall(name, Json("{}"))), CallStatus.UnknownTool);
        foreach (var tool in environment.Tools)
        {
            foreach (var arguments in Garbage(tool)) AssertRefused(Step(environment, new ToolCall(tool.Name, arguments)), CallStatus.BadArguments);
        }
        Assert.False(environment.Result.IsOver);
        Solve(environment);
        AssertSolved(environment);
    }

    /// <summary>Well-formed calls with any values: none throws, none but <c>done</c> ends the episode.</summary>
    public static void AnyIntegersAreAnswered(IEnvironmentDefinition definition, Rendering rendering, int seed)
    {
        var environment = Draw(definition, TaskSplit.Train, seed, rendering);
        var random = RandomStream.Root(seed, "calls").Sequence();
        for (var k = 0; k < 200; k++)
        {
            var tool = environment.Tools[random.NextInt(0, environment.Tools.Count - 1)];
            if (tool.Name == "done") continue;
            var arguments = new JsonObject();
            foreach (var p in tool.Parameters) arguments[p.Name] = p.Type == ToolParameterType.Text ? "x" : AnyInteger(p, random);
            var observation = Step(environment, new ToolCall(tool.Name, JsonSerializer.SerializeToElement(arguments)));
            Assert.Contains(observation.Status, new[] { CallStatus.Ok, CallStatus.BadArguments, CallStatus.Refused });
            Assert.InRange(observation.Text.Length, 1, observation.Status == CallStatus.Ok ? int.MaxValue : LongestError);
            Assert.False(environment.Result.IsOver);
            Assert.NotNull(environment.OracleState);
        }
    }

    public static void LongInstancesNeedSeveralTimesMoreCalls(IEnvironmentDefinition definition, int instances, double factor)
    {
        var train = Enumerable.Range(0, instances).Max(k => Solve(Draw(definition, TaskSplit.Train, k, Rendering.Compact)).Count);
        var @long = Enumerable.Range(0, instances).Min(k => Solve(Draw(definition, TaskSplit.Long, k, Rendering.Compact)).Count);
        Assert.True(@long >= factor * train, $"{definition.Name}: long needs {@long} calls, train up to {train}");
    }

    public static void CallsAreBetween(IEnvironmentDefinition definition, int instances, int fewest, int most)
    {
        foreach (var split in Enum.GetValues<TaskSplit>())
        {
            for (var k = 0; k < instances; k++)
                Assert.InRange(Solve(Draw(definition, split, k, Rendering.Compact)).Count, fewest, most);
        }
    }

    private static void Remind(IReferenceSolver solver, IReadOnlyDictionary<string, string>? archive)
    {
        if (archive is not null && solver is IEvidenceSolver { MissingEvidence: { } missing } keeper && archive.TryGetValue(missing, out var content)) keeper.Recall(content);
    }

    private static Observation Step(IEnvironment environment, ToolCall call)
    {
        var step = environment.StepAsync(call, CancellationToken.None);
        Assert.True(step.IsCompletedSuccessfully, $"{environment.TaskId}: a step must complete synchronously and not throw");
        return step.GetAwaiter().GetResult();
    }

    private static JsonNode AnyInteger(ToolParameter p, RandomSequence random)
    {
        var low = (int)Math.Clamp(p.Minimum, int.MinValue / 4, int.MaxValue / 4);
        var high = (int)Math.Clamp(p.Maximum, int.MinValue / 4, int.MaxValue / 4);
        return random.NextInt(low, Math.Min(high, low + 20)) + (random.NextBool(0.1) ? high : 0);
    }

    private static IEnumerable<JsonElement> Garbage(EnvironmentTool tool)
    {
        foreach (var json in new[] { "null", "[]", "3", "\"x\"", "[[[[{}]]]]", "{\"zzz\":1}", "{\"\\ud800\":1}", $"{{\"{new string('y', 1_000_000)}\":1}}" }) yield return Json(json);
        yield return default;
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60);
        foreach (var p in tool.Parameters)
        {
            var rest = string.Concat(tool.Parameters.Where(o => o != p).Select(o => $",\"{o.Name}\":{(o.Type == ToolParameterType.Integer ? Math.Max(0, o.Minimum) : "\"x\"")}"));
            string[] values = ["null", "true", "1.5", "1e400", "123456789012345678901234567890", "[1]", nested, "{}"];
            if (p.Type == ToolParameterType.Integer) values = [.. values, "\"1\"", "\"\\ud800\"", $"\"{new string('7', 1_000_000)}\""];
            else values = [.. values, "1", "\"\\ud800\"", $"\"{new string('7', 1_000_000)}\""];
            foreach (var value in values) yield return Json($"{{\"{p.Name}\":{value}{rest}}}");
            if (tool.Parameters.Count == 1) yield return Json($"{{\"{p.Name}\":1,\"{p.Name}\":\"x\"}}");
            yield return Json($"{{\"unknown_argument\":1{rest}}}");
        }
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static void AssertRefused(Observation observation, CallStatus status)
    {
        Assert.Equal(status, observation.Status);
        Assert.InRange(observation.Text.Length, 1, LongestError);
    }

    private static void AssertSolved(IEnvironment environment)
    {
        Assert.True(environment.Result is { IsOver: true, Solved: true, Reward: 1 }, $"not solved: {environment.TaskId}");
    }

    private static string Prompt(IEnvironment environment) =>
        string.Join('\n', new[] { environment.SystemText, environment.TaskText }.Concat(environment.Tools.Select(t => t.Describe().ToString())));

    private static string[] Seen(IEnumerable<(SolverTurn Turn, Observation Observation)> turns) => [.. turns.Select(t => t.Observation.Text)];
}
