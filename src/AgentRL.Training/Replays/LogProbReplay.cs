using System.Globalization;
using AgentRL.Archive;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Replays;
using AgentRL.Rollouts;
using AgentRL.Tokens;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Replays;

/// <summary>
/// Recomputes the log-probabilities of recorded turns with the policy that sampled them, on the path that sampled them: the engine takes the recorded tokens
/// where it would draw. With the CPU engine the bits must be the same.
/// </summary>
internal sealed class LogProbReplay(RunInputs inputs, RecordedSettings settings, double tolerance)
{
    /// <summary>What engines and trainer promise of each other: a smaller difference is one of rounding.</summary>
    public const double Rounding = 1e-4;

    private readonly List<EpisodeDivergence> divergences = [];

    /// <summary>Sampled tokens recomputed.</summary>
    public long Tokens { get; private set; }

    /// <summary>Of these, with the bits recorded.</summary>
    public long Identical { get; private set; }

    /// <summary>Largest difference that the tolerance let pass.</summary>
    public double LargestDifference { get; private set; }

    /// <summary>Episodes whose first difference is one of rounding.</summary>
    public int Roundings { get; private set; }

    /// <summary>The first difference of each episode that has one.</summary>
    public IReadOnlyList<EpisodeDivergence> Divergences => divergences;

    /// <summary>Recomputes what one version sampled.</summary>
    /// <param name="checkpoint">Its weights.</param>
    /// <param name="episodes">Episodes of which it sampled turns.</param>
    /// <param name="finished">Called after each.</param>
    /// <param name="cancellationToken">Stops.</param>
    public void Run(Checkpoint checkpoint, IEnumerable<ArchivedEpisode> episodes, Action finished, CancellationToken cancellationToken)
    {
        var c = inputs.Configuration;
        using var policy = PolicyFactory.Load(checkpoint.Policy, c.Model);
        using var engines = PolicyEngines.Create(policy, c, Math.Min(policy.Config.MaxPositions, inputs.MaximumContext));
        engines.Publish(checkpoint.Progress.PolicyVersion);
        engines.Prepare();
        var engine = engines.Engines[0];
        var running = new Dictionary<long, Job>();
        using var waiting = episodes.GetEnumerator();
        var more = true;
        while (true)
        {
            while (more && running.Count < engines.Concurrency && (more = waiting.MoveNext()))
            {
                var job = new Job(waiting.Current, settings.Of(waiting.Current.Episode.Key.Phase)!.Sampling);
                running.Add(job.Archived.Number, job);
                Next(job);
            }
            if (running.Count == 0) return;
            foreach (var result in engine.Advance(cancellationToken))
            {
                var job = running[result.SequenceId];
                if (Compare(job, result) is { } divergence)
                {
                    divergences.Add(new EpisodeDivergence(job.Archived.Number, job.Archived.Episode.Key, divergence));
                    End(job);
                }
                else
                {
                    Next(job);
                }
            }
        }

        void Next(Job job)
        {
            while (++job.Turn < job.Archived.Episode.Turns.Count)
            {
                var (turn, _) = RecordedTurn.Of(job.Archived.Episode, job.Archived.Episode.Turns[job.Turn], inputs.Template);
                if (turn is null || turn.Generation.PolicyVersion != checkpoint.Progress.PolicyVersion || turn.Generation.Ids.Length == 0) continue;
                job.Recorded = turn.Generation;
                engine.Submit(new GenerationRequest
                {
                    SequenceId = job.Archived.Number,
                    Context = turn.Context,
                    StopIds = [],
                    MaxNewTokens = turn.Generation.Ids.Length,
                    Sampling = job.Sampling,
                    Stream = RandomStream.Root(0, "replay"),
                    Forced = turn.Generation.Ids,
                });
                return;
            }
            End(job);
        }

        void End(Job job)
        {
            engine.Release(job.Archived.Number);
            running.Remove(job.Archived.Number);
            finished();
        }
    }

    private Divergence? Compare(Job job, GenerationResult made)
    {
        var turn = job.Archived.Episode.Turns[job.Turn];
        var start = turn.Discarded is null ? turn.Start : inputs.Template.GenerationPrompt.Length;
        var place = new Divergence("log-probability", "", "") { Segment = turn.Segment, Turn = turn.Index, Discarded = turn.Discarded is not null };
        if (made.Finish == FinishReason.Failed) return place with { Token = start, Expected = $"the engine fails: {made.Failure}", Found = "sampled tokens" };
        for (var t = 0; t < made.Ids.Length; t++)
        {
            Tokens++;
            var (expected, found) = (made.LogProbs[t], job.Recorded!.LogProbs[t]);
            if (Accept("log-probability", expected, found) is { } divergence) return divergence with { Token = start + t };
            if (BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(found)) Identical++;
            if (job.Recorded.Entropies.Length > 0 && Accept("entropy", made.Entropies[t], job.Recorded.Entropies[t]) is { } other) return other with { Token = start + t };
        }
        return null;

        Divergence? Accept(string what, float expected, float found)
        {
            if (BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(found)) return null;
            var difference = Math.Abs((double)expected - found);
            if (!(difference <= tolerance) && difference <= Rounding) Roundings++;
            if (!(difference <= tolerance)) return place with { What = what, Expected = Show(expected), Found = string.Create(CultureInfo.InvariantCulture, $"{Show(found)} ({difference:0.0e+0} apart)") };
            LargestDifference = Math.Max(LargestDifference, difference);
            return null;
        }
    }

    private static string Show(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Job(ArchivedEpisode archived, Sampling sampling)
    {
        public ArchivedEpisode Archived => archived;

        public Sampling Sampling => sampling;

        public int Turn { get; set; } = -1;

        public GenerationResult? Recorded { get; set; }
    }
}
