using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Benchmarks;

/// <summary>An engine that costs nothing: each sequence's turns are known beforehand.</summary>
/// <param name="turns">Token ids of the turns of each sequence.</param>
internal sealed class KnownTurns(IReadOnlyList<IReadOnlyList<int[]>> turns) : IGenerationEngine
{
    private readonly Dictionary<long, int> taken = [];
    private List<GenerationResult> answers = [];

    public int PolicyVersion => 1;

    public int MaximumContext => int.MaxValue;

    public int Pending => answers.Count;

    public void Submit(GenerationRequest request)
    {
        var turn = taken.GetValueOrDefault(request.SequenceId);
        taken[request.SequenceId] = turn + 1;
        var ids = turns[(int)request.SequenceId][turn];
        answers.Add(new GenerationResult(request.SequenceId, ids, Noise(request.Stream, ids.Length), FinishReason.Stop, PolicyVersion) { Entropies = Noise(request.Stream.Derive(1), ids.Length) });
    }

    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        var finished = answers;
        answers = [];
        return finished;
    }

    public void Release(long sequenceId) => taken.Remove(sequenceId);

    public void Dispose()
    {
    }

    /// <summary>The turns of a task's reference solver, with a perfect memory.</summary>
    public static IReadOnlyList<int[]> OfSolver(IEnvironment environment, IChatTemplate template, ContextOptions context)
    {
        var source = new Recorder(new Demonstrator(environment.CreateSolver(), new DemonstrationOptions { HabitShare = 0 }, RandomStream.Root(1, "benchmark")), template);
        var machine = new EpisodeMachine(EpisodeStart.In(environment, new EpisodeKey("benchmark", 0, 0, 0)), template, context);
        _ = ScriptedEpisode.RunAsync(machine, new EnvironmentLink(environment), template, source, CancellationToken.None).AsTask().Result;
        return source.Turns;
    }

    /// <summary>Numbers that no archive can compress, as log-probabilities are.</summary>
    private static float[] Noise(RandomStream stream, int count)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++) numbers[i] = (float)Math.Log(1 - (0.9 * stream.DoubleAt(i)));
        return numbers;
    }

    private sealed class Recorder(ITurnSource source, IChatTemplate template) : ITurnSource
    {
        public List<int[]> Turns { get; } = [];

        public async ValueTask<string?> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken)
        {
            var text = await source.NextTurnAsync(machine, request, cancellationToken).ConfigureAwait(false);
            Turns.Add(template.RenderTurn(text ?? ""));
            return text;
        }
    }
}
