using AgentRL.Randomness;
using AgentRL.Rollouts;

namespace AgentRL.Cli.Bench;

/// <summary>
/// Asks an engine for what a recorded step's episodes asked for, as <see cref="EpisodeDriver"/> does: an episode's next turn as soon as it has the one before.
/// Ids are made up, and no turn ends before its recorded length; there is no environment.
/// </summary>
internal sealed class ShapeReplay
{
    private readonly RolloutShape shape;
    private readonly int[][][] fresh; // [episode][turn][token]
    private readonly RandomStream draws;

    public ShapeReplay(RolloutShape shape, int vocabulary)
    {
        this.shape = shape;
        var root = RandomStream.Root(1, "replay");
        draws = root.Derive("draws");
        var own = root.Derive("episode");
        fresh = [.. shape.Episodes.Select((e, i) => e.Turns.Select((t, turn) => turn == 0 ? Prompt(e.Group, t) : MadeUp(own.Derive(i).Derive(turn), t.Fresh)).ToArray())];

        int[] Prompt(int group, TurnShape t) => [.. MadeUp(root.Derive("all"), t.Kept), .. MadeUp(root.Derive("group").Derive(group), t.Fresh)];

        int[] MadeUp(RandomStream stream, int count) => [.. Enumerable.Range(0, count).Select(i => (int)(stream.DoubleAt(i) * vocabulary))];
    }

    /// <summary>Runs all episodes.</summary>
    /// <param name="engine">An engine without a request.</param>
    /// <param name="concurrency">Episodes in flight at once.</param>
    /// <param name="cancellationToken">Stops.</param>
    public void Run(IGenerationEngine engine, int concurrency, CancellationToken cancellationToken)
    {
        var (next, running) = (0, 0);
        var turns = new int[shape.Episodes.Count];
        var contexts = shape.Episodes.Select(e => new int[e.Turns.Max(t => t.Context + t.Drawn)]).ToArray();
        while (next < contexts.Length || running > 0)
        {
            for (; next < contexts.Length && running < concurrency; running++) Submit(next++);
            foreach (var result in engine.Advance(cancellationToken))
            {
                var (episode, turn) = ((int)result.SequenceId, turns[result.SequenceId]++);
                if (result.Finish == FinishReason.Failed) throw new InvalidOperationException(result.Failure);
                result.Ids.CopyTo(contexts[episode], shape.Episodes[episode].Turns[turn].Context);
                if (turns[episode] < shape.Episodes[episode].Turns.Count)
                {
                    Submit(episode);
                    continue;
                }
                engine.Release(episode);
                running--;
            }
        }

        void Submit(int episode)
        {
            var turn = turns[episode];
            var wanted = shape.Episodes[episode].Turns[turn];
            fresh[episode][turn].CopyTo(contexts[episode], turn == 0 ? 0 : wanted.Kept);
            engine.Submit(new GenerationRequest
            {
                SequenceId = episode,
                Context = contexts[episode].AsMemory(0, wanted.Context),
                StopIds = [],
                MaxNewTokens = wanted.Drawn,
                Sampling = new Sampling(),
                Stream = draws.Derive(episode).Derive(turn),
            });
        }
    }
}
