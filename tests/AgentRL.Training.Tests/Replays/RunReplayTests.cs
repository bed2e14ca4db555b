using AgentRL.Archive;
using AgentRL.Episodes;
using AgentRL.Replays;
using AgentRL.Tokens;
using AgentRL.Training.Replays;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Replays;

/// <summary>Runs that hold, and the same runs with one fault of each kind planted in their archive.</summary>
public sealed class RunReplayTests(RunReplayTests.Runs runs) : IClassFixture<RunReplayTests.Runs>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_verifies_to_the_bit_of_its_log_probabilities(bool indexed)
    {
        var run = indexed ? runs.Notes : runs.Luck;
        var report = Replay(run.Root);
        Assert.Empty(report.Divergences.Select(d => d.ToString()));
        Assert.True(report.Holds);
        Assert.Equal(RunContent.Episodes(run).Count, report.Verified);
        Assert.Equal(0, report.UnknownSettings + report.IncompleteGroups + report.OldRecords + report.NeverBegan);
        Assert.Equal(0, report.LogProbs!.MissingVersions);
        Assert.True(report.LogProbs.Tokens > 0);
        Assert.Equal(report.LogProbs.Tokens, report.LogProbs.Identical);
        Assert.Equal(RunContent.Episodes(run).Sum(e => e.Turns.Sum(t => t.SampledTokens)), report.LogProbs.Tokens);
    }

    [Fact]
    public void The_runs_have_what_faults_are_planted_in()
    {
        Assert.Contains(RunContent.Episodes(runs.Notes), e => e.MemoryEvents.Any(m => m.Content is not null));
        Assert.Contains(RunContent.Episodes(runs.Luck), e => e.Turns.Any(t => t.Discarded is not null) && e.Segments.Count > 1);
        Assert.Contains(RunContent.Episodes(runs.Luck), e => e.Advantage is not null and not 0);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_planted_fault_is_found_and_placed(string fault)
    {
        var planted = Fault.All[fault];
        var run = planted.Indexed ? runs.Notes : runs.Luck;
        EpisodeKey? key = null;
        var copy = runs.Tampered(run, episode =>
        {
            if (key is not null || planted.Plant(episode) is not { } changed) return episode;
            key = episode.Key;
            return changed;
        });
        Assert.NotNull(key);
        var report = Replay(copy);
        Assert.False(report.Holds);
        var found = Assert.Single(report.Divergences); // its own episode, and no other
        Assert.Equal(key, found.Key);
        Assert.Contains(planted.What, found.Divergence.What, StringComparison.Ordinal);
        var original = RunContent.Episodes(run).First(e => e.Key == key);
        Assert.Equal(planted.Place(original), (found.Divergence.Segment, found.Divergence.Token, found.Divergence.Turn));
        Assert.Equal(report.Episodes - 1, report.Verified);
    }

    public static TheoryData<string> Faults => [.. Fault.All.Keys];

    [Fact]
    public void One_episode_is_verified_with_the_rest_of_its_group_for_its_advantage()
    {
        var wanted = RunContent.Episodes(runs.Luck).First(e => e.Key.Phase == "train" && e.Advantage != 0).Key;
        Assert.Equal((1, 1, 0), Counts(Replay(runs.Luck.Root, wanted)));
        var copy = runs.Tampered(runs.Luck, e => e.Key == wanted ? e with { Advantage = e.Advantage + 0.5 } : e);
        Assert.Equal("advantage", Assert.Single(Replay(copy, wanted).Divergences).Divergence.What);
        Assert.Equal((1, 1, 0), Counts(Replay(copy, wanted with { Sample = wanted.Sample == 0 ? 1 : 0 })));

        static (int, int, int) Counts(ReplayReport report) => (report.Episodes, report.Verified, report.IncompleteGroups);
    }

    [Fact]
    public void A_group_that_is_not_whole_is_said_and_not_held_against_its_episodes()
    {
        var left = RunContent.Episodes(runs.Luck).First(e => e.Key.Phase == "train").Key;
        var report = Replay(runs.Tampered(runs.Luck, e => e.Key == left ? null : e));
        Assert.True(report.Holds);
        Assert.Equal(3, report.IncompleteGroups);
    }

    [Fact]
    public void Versions_without_a_checkpoint_are_counted()
    {
        var copy = runs.Tampered(runs.Luck, e => e);
        Directory.Delete(Path.Combine(copy, "checkpoints"), recursive: true);
        var report = Replay(copy);
        Assert.True(report.Holds);
        Assert.Equal((0L, report.Episodes), (report.LogProbs!.Tokens, report.LogProbs.MissingEpisodes));
        Assert.True(report.LogProbs.MissingVersions > 1);
    }

    [Fact]
    public void Episodes_of_unknown_settings_are_left_out_until_the_settings_are_said()
    {
        var copy = runs.Tampered(runs.Luck, e => e.Key.Phase.StartsWith("eval/", StringComparison.Ordinal) ? e with { Key = e.Key with { Phase = "eval+set" + e.Key.Phase[4..] } } : e);
        var unknown = RunContent.Episodes(runs.Luck).Count(e => e.Key.Phase.StartsWith("eval/", StringComparison.Ordinal));
        Assert.Equal(unknown, Replay(copy).UnknownSettings);
        var said = RunReplay.Open(copy, ["context.max_turns=12"], TinyRun.Catalog).Run(new ReplayRequest([], false, null, 2), SilentReporter.Instance, CancellationToken.None);
        Assert.Equal((0, true), (said.UnknownSettings, said.Holds));
        var wrong = RunReplay.Open(copy, ["context.max_turns=2"], TinyRun.Catalog).Run(new ReplayRequest([], false, null, 2), SilentReporter.Instance, CancellationToken.None);
        Assert.Contains(wrong.Divergences, d => d.Divergence.What == "end of the episode" && d.Divergence.Turn == 2);
    }

    [Fact]
    public void What_can_be_read_of_a_damaged_archive_is_verified_and_nothing_is_changed()
    {
        var copy = runs.Tampered(runs.Luck, e => e, flushEach: true);
        var log = Directory.GetFiles(Path.Combine(copy, "archive"), "*.log").Single();
        var bytes = File.ReadAllBytes(log);
        bytes[bytes.Length / 2] ^= 0x40;
        File.WriteAllBytes(log, bytes);
        var before = RunFiles(copy);
        var report = Replay(copy);
        Assert.False(report.Holds);
        Assert.Empty(report.Divergences);
        Assert.NotEmpty(report.Damage);
        Assert.True(report.Verified > 0 && report.Verified < RunContent.Episodes(runs.Luck).Count);
        Assert.Equal(before, RunFiles(copy));
    }

    [Fact]
    public void An_episode_that_ended_by_a_failure_is_verified_up_to_it()
    {
        using var tiny = new TinyRun();
        var run = tiny.Finish(tiny.ConfigureLuck($"model.path={runs.Luck.Policy}", "warm_start.steps=0", "environment.tasks[0].name=fake/broken", "rollout.retries=0"));
        var failed = RunContent.Episodes(run).Where(e => e.Outcome == Outcome.EnvironmentFailed).ToList();
        Assert.NotEmpty(failed);
        var report = Replay(run.Root);
        Assert.Empty(report.Divergences.Select(d => d.ToString()));
        Assert.Equal(failed.Count, report.FailedEpisodes);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        var unknown = Assert.Throws<BadInputException>(() => Replay(runs.Luck.Root, new EpisodeKey("train", 99, 0, 0)));
        Assert.Contains("train/99/0/0", unknown.Message, StringComparison.Ordinal);
        var copy = runs.Tampered(runs.Luck, e => e);
        Directory.Delete(Path.Combine(copy, "archive"), recursive: true);
        Assert.Contains("no archive", Assert.Throws<ArchiveException>(() => Replay(copy)).Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => RunReplay.Open(Path.Combine(copy, "none"), [], TinyRun.Catalog));
    }

    private static Dictionary<string, string> RunFiles(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(f => f, f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))));

    private static ReplayReport Replay(string folder, params EpisodeKey[] episodes) =>
        RunReplay.Open(folder, [], TinyRun.Catalog).Run(new ReplayRequest(episodes, true, null, 2), SilentReporter.Instance, CancellationToken.None);

    /// <summary>A fault: where it can be planted, what replay calls it, and where it must say that it is.</summary>
    private sealed record Fault(Func<Episode, Episode?> Plant, string What, Func<Episode, (int? Segment, int? Token, int? Turn)> Place, bool Indexed = false)
    {
        public static Dictionary<string, Fault> All { get; } = new()
        {
            ["a sampled token"] = new(e => InSegment(e, FirstSampled, (s, t) => s with { Ids = Changed(s.Ids, t, s.Ids[t] == 100 ? 101 : 100) }), "text of a turn", e => (0, FirstSampled(e), 0)),
            ["a token of an observation"] = new(e => InSegment(e, FirstObserved, (s, t) => s with { Ids = Changed(s.Ids, t, s.Ids[t] + 1) }), "token", e => (0, FirstObserved(e), 1)),
            ["a kind"] = new(e => InSegment(e, FirstSampled, (s, t) => s with { Kinds = Changed(s.Kinds, t, TokenKind.Status) }), "kind", e => (0, FirstSampled(e), 0)),
            ["a mask bit"] = new(e => InSegment(e, FirstSampled, (s, t) => s with { Loss = Changed(s.Loss, t + 1, false) }), "loss mask", e => (0, FirstSampled(e) + 1, 0)),
            ["a mask bit of the prompt"] = new(e => InSegment(e, FirstSampled, (s, _) => s with { Loss = Changed(s.Loss, 0, true) }), "loss mask", _ => (0, 0, null)),
            ["a version"] = new(e => InSegment(e, FirstSampled, (s, t) => s with { Versions = Changed(s.Versions, t + 1, 99) }), "version", e => (0, FirstSampled(e) + 1, 0)),
            ["a log-probability"] = new(e => InSegment(e, FirstSampled, (s, t) => s with { LogProbs = Changed(s.LogProbs, t + 1, MathF.BitDecrement(s.LogProbs[t + 1])) }), "log-probability", e => (0, FirstSampled(e) + 1, 0)),
            ["an entropy"] = new(e => InSegment(e, FirstSampled, (s, t) => s with { Entropies = Changed(s.Entropies, t + 1, s.Entropies[t + 1] + 0.25f) }), "entropy", e => (0, FirstSampled(e) + 1, 0)),
            ["a token of a discarded turn"] = new(
                e => Discarded(e) is { } turn ? WithTurn(e, turn.Index, t => t with { Discarded = t.Discarded! with { Ids = Changed(t.Discarded.Ids, t.Discarded.Length - 1, 5) } }) : null,
                "token", e => (Discarded(e)!.Segment, Discarded(e)!.Discarded!.Length - 1, Discarded(e)!.Index)),
            ["a reward"] = new(e => Trained(e) ? e with { Result = e.Result with { Reward = e.Result.Reward + 0.125 } } : null, "reward", _ => (null, null, null)),
            ["an observation"] = new(e => e.Turns.Count > 1 && e.Turns[0].Observation is not null ? WithTurn(e, 0, t => t with { Observation = t.Observation + "!" }) : null, "observation", _ => (0, null, 0)),
            ["an advantage"] = new(e => Trained(e) && e.Advantage != 0 ? e with { Advantage = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(e.Advantage!.Value) + 1) } : null, "advantage", _ => (null, null, null)),
            ["a return"] = new(e => Trained(e) ? e with { Return = e.Return + 1 } : null, "return", _ => (null, null, null)),
            ["an overlong mask"] = new(e => Trained(e) ? e with { Masked = !e.Masked } : null, "overlong mask", _ => (null, null, null)),
            ["a penalty"] = new(e => Trained(e) ? e with { Penalties = e.Penalties with { Redundancy = 0.75 } } : null, "penalty", _ => (null, null, null)),
            ["an outcome"] = new(e => e.Outcome == Outcome.Answered ? e with { Outcome = Outcome.TurnsExhausted } : null, "outcome", _ => (null, null, null)),
            ["a summary"] = new(e => Summary(e) is { } turn ? WithTurn(e, turn.Index, t => t with { Summary = t.Summary + "x" }) : null, "summary", e => (Summary(e)!.Segment, null, Summary(e)!.Index)),
            ["an oracle line"] = new(e => Summary(e) is { } turn ? WithTurn(e, turn.Index, t => t with { Oracle = "k=77" }) : null, "oracle", e => (Summary(e)!.Segment, null, Summary(e)!.Index)),
            ["a memory block"] = new(
                e => Block(e) is var at and >= 0 ? e with { MemoryEvents = [.. e.MemoryEvents.Select((m, i) => i == at ? m with { Content = m.Content + "?" } : m)] } : null,
                "memory block", e => (null, null, e.MemoryEvents[Block(e)].Turn), Indexed: true),
            ["a memory event"] = new(e => e.MemoryEvents.Count > 0 ? e with { MemoryEvents = [.. e.MemoryEvents.Skip(1)] } : null, "memory event", e => (null, null, e.MemoryEvents[0].Turn), Indexed: true),
            ["a turn too few"] = new(e => e.Turns.Count > 2 ? e with { Turns = [.. e.Turns.SkipLast(1)] } : null, "end of the episode", e => (e.Turns[^1].Segment, null, e.Turns.Count - 1)),
        };

        private static bool Trained(Episode e) => e.Key.Phase == "train";

        private static int FirstSampled(Episode e) => e.Turns[0].Start;

        private static int FirstObserved(Episode e) => Array.IndexOf(e.Segments[0].Kinds, TokenKind.Observation);

        private static Turn? Discarded(Episode e) => e.Turns.FirstOrDefault(t => t.Discarded is not null);

        private static Turn? Summary(Episode e) => e.Turns.FirstOrDefault(t => t.Summary is not null);

        private static int Block(Episode e) => e.MemoryEvents.ToList().FindIndex(m => m.Content is not null);

        private static Episode? InSegment(Episode e, Func<Episode, int> token, Func<Segment, int, Segment> change) =>
            e.Turns.Count > 1 && e.Turns[0] is { Discarded: null, SampledTokens: > 2 } && e.Turns[1].Segment == 0 && e.Segments[0].LogProbs[e.Turns[0].Start + 1] != 0 && token(e) >= 0
                ? e with { Segments = [change(e.Segments[0], token(e)), .. e.Segments.Skip(1)] }
                : null;

        private static Episode WithTurn(Episode e, int turn, Func<Turn, Turn> change) => e with { Turns = [.. e.Turns.Select((t, i) => i == turn ? change(t) : t)] };

        private static T[] Changed<T>(T[] values, int at, T value) => [.. values.Select((v, i) => i == at ? value : v)];
    }

    /// <summary>A run with summaries and one with an indexed memory, both with all their checkpoints.</summary>
    public sealed class Runs : IDisposable
    {
        private readonly TinyRun tiny = new();

        public Runs()
        {
            Luck = tiny.Finish(tiny.ConfigureLuck("checkpoint.keep=1000", "checkpoint.every=1", "training.steps=2"));
            Notes = tiny.Finish(tiny.ConfigureNotes("checkpoint.keep=1000"));
        }

        public RunDirectory Luck { get; }

        public RunDirectory Notes { get; }

        /// <summary>A copy of a run whose episodes are what a function makes of them; null leaves one out.</summary>
        public string Tampered(RunDirectory run, Func<Episode, Episode?> change, bool flushEach = false)
        {
            var copy = tiny.NewFolder();
            foreach (var file in Directory.GetFiles(run.Root, "*", SearchOption.AllDirectories).Where(f => !f.StartsWith(run.Archive, StringComparison.Ordinal) && !f.EndsWith("run.lock", StringComparison.Ordinal)))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(run.Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
            using var writer = ArchiveWriter.Open(Path.Combine(copy, "archive"));
            foreach (var episode in RunContent.Episodes(run))
            {
                if (change(episode) is { } changed) writer.Append(changed);
                if (flushEach) writer.Flush();
            }
            writer.Flush();
            return copy;
        }

        public void Dispose() => tiny.Dispose();
    }
}
