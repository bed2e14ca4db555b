using AgentRL.Archive;
using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Replays;
using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Replays;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Counterfactuals;

/// <summary>
/// Asks what would have become of an episode had its memory been another: restores environment and context at a turn by replaying, changes what the policy
/// remembers, and lets the policy go on, from the changed context and from the unchanged one. Both continuations of a pair draw from one random stream, so that
/// without a change they are the same to the bit. Reads the run and writes nothing.
/// </summary>
public sealed class WhatIf : IDisposable
{
    private readonly RunDirectory run;
    private readonly RunInputs inputs;
    private readonly RecordedSettings settings;
    private readonly EnvironmentCatalog catalog;
    private readonly TransformerPolicy policy;
    private readonly PolicyEngines engines;
    private readonly TimeProvider time;
    private readonly int? version;

    private WhatIf(RunDirectory run, RunInputs inputs, EnvironmentCatalog catalog, TransformerPolicy policy, PolicyEngines engines, int? version, TimeProvider time)
    {
        (this.run, this.inputs, this.catalog, this.policy, this.engines, this.version, this.time) = (run, inputs, catalog, policy, engines, version, time);
        settings = new RecordedSettings(inputs, null);
        engines.Publish(version ?? -1);
        engines.Prepare();
    }

    /// <summary>The run's strategy.</summary>
    public ContextStrategyKind Strategy => inputs.Configuration.Context.Strategy;

    /// <summary>Opens a run with the policy that is to go on.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="model">A training step with a checkpoint, or a policy's folder; null for the newest checkpoint.</param>
    /// <param name="catalog">Known environments.</param>
    /// <param name="time">Measures turns and tools.</param>
    /// <exception cref="BadInputException">There is no such run or policy.</exception>
    public static WhatIf Open(string folder, string? model, EnvironmentCatalog catalog, TimeProvider time)
    {
        var run = RunDirectory.Open(folder);
        var inputs = RunInputs.Prepare(ConfigurationLoader.LoadResolved(run.Configuration, [], catalog), catalog, run.Tokenizer);
        var (weights, version) = Weights(run, model);
        using var made = new Disposables();
        var policy = made.Add(PolicyFactory.Load(weights, inputs.Configuration.Model));
        if (policy.Config.VocabularySize < inputs.Tokenizer.VocabularySize)
            throw new BadInputException($"{weights}: the policy has a vocabulary of {policy.Config.VocabularySize}, the run's tokenizer one of {inputs.Tokenizer.VocabularySize}");
        var engines = made.Add(PolicyEngines.Create(policy, inputs.Configuration, Math.Min(policy.Config.MaxPositions, inputs.MaximumContext)));
        return made.HandOver(new WhatIf(run, inputs, catalog, policy, engines, version, time));
    }

    /// <summary>One change of one episode.</summary>
    /// <param name="key">The episode.</param>
    /// <param name="turn">0-based turn at which the memory is changed, before it is taken.</param>
    /// <param name="change">The change.</param>
    /// <param name="options">How often, and with which streams.</param>
    /// <param name="reporter">Shows progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="BadInputException">There is no such episode.</exception>
    /// <exception cref="ReplayException">It cannot be restored at that turn, or the change makes no sense there.</exception>
    public WhatIfReport One(EpisodeKey key, int turn, ChangeRequest change, ContinuationOptions options, IRunReporter reporter, CancellationToken cancellationToken)
    {
        var donorKey = change.Name == "swap-summary" ? KeyOf(change.About!) : null;
        Episode? episode = null, donor = null;
        foreach (var archived in new ArchiveReader(run.Archive, skipDamage: true).Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (archived.Episode.Key == key) episode = archived.Episode;
            if (archived.Episode.Key == donorKey) donor = archived.Episode;
        }
        if (episode is null) throw Missing(key);
        if (donorKey is not null && donor is null) throw Missing(donorKey);
        var context = SettingsOf(episode).Context;
        var segment = (uint)turn < (uint)episode.Turns.Count ? episode.Turns[turn].Segment : 0;
        var resolved = change.Resolve(change.About, donor, segment);
        var start = new Start(episode, turn, context);
        Restore(start, resolved, cancellationToken);
        return Continue([(start, [(change.Name, resolved)])], [change.Name], new Dictionary<string, int>(), options, reporter, cancellationToken);
    }

    /// <summary>Changes of a sample of episodes, each just after a compression of its own.</summary>
    /// <param name="count">Episodes.</param>
    /// <param name="changes">The changes; each is carried out in every episode in which it makes sense.</param>
    /// <param name="phase">Only of this phase, or below it; null for all.</param>
    /// <param name="options">How often, and with which streams.</param>
    /// <param name="reporter">Shows progress.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="BadInputException">No episode fits.</exception>
    public WhatIfReport Sample(int count, IReadOnlyList<ChangeRequest> changes, string? phase, ContinuationOptions options, IRunReporter reporter, CancellationToken cancellationToken)
    {
        var streams = RandomStream.Root(options.Seed, "what-if sample");
        var fitting = Fitting(phase, cancellationToken);
        var chosen = fitting.ToList();
        streams.Derive("episodes").Sequence().Shuffle(chosen);
        chosen = [.. chosen.Take(count).OrderBy(c => c.Number)];
        var reader = new ArchiveReader(run.Archive, skipDamage: true);
        var starts = chosen.Select(c => StartOf(reader.Read(c.Locator), c.Number)).ToList();
        var notApplicable = changes.GroupBy(c => c.Name).ToDictionary(g => g.Key, _ => 0);
        var work = new List<(Start, List<(string, MemoryChange)>)>();
        foreach (var start in starts)
        {
            var own = new List<(string, MemoryChange)>();
            foreach (var change in changes)
            {
                if (Fit(change, start) is { } resolved) own.Add((change.Name, resolved));
                else notApplicable[change.Name]++;
            }
            work.Add((start, own));
        }
        return Continue(work, [.. changes.Select(c => c.Name).Distinct()], notApplicable, options, reporter, cancellationToken);

        Start StartOf(Episode episode, long number)
        {
            var turns = AfterCompression(episode);
            return new Start(episode, turns[streams.Derive("turn").Derive(number).Sequence().NextInt(0, turns.Count - 1)], SettingsOf(episode).Context);
        }

        MemoryChange? Fit(ChangeRequest change, Start start)
        {
            var draws = streams.Derive(change.Name).Derive(start.Episode.Key.ToString()).Sequence();
            try
            {
                var indices = change.Name == "drop-block" ? Restore(start, new MemoryChange.None(), cancellationToken).Machine.Indices : [];
                if (change.Name == "drop-block" && indices.Count == 0) return null;
                var donors = change.Name == "swap-summary" ? starts.Where(s => s.Episode.TaskId != start.Episode.TaskId).ToList() : [];
                if (change.Name == "swap-summary" && donors.Count == 0) return null;
                var resolved = change.Resolve(
                    indices.Count > 0 ? indices[draws.NextInt(0, indices.Count - 1)] : null,
                    donors.Count > 0 ? donors[draws.NextInt(0, donors.Count - 1)].Episode : null,
                    start.Episode.Turns[start.Turn].Segment);
                Restore(start, resolved, cancellationToken);
                return resolved;
            }
            catch (ReplayException)
            {
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engines.Dispose();
        policy.Dispose();
    }

    private static (string Weights, int? Version) Weights(RunDirectory run, string? model)
    {
        if (model is not null && Directory.Exists(model)) return (model, null);
        var all = Checkpoint.All(run);
        var known = string.Join(", ", all.Select(c => c.Progress.TrainingSteps).Distinct());
        if (all.Count == 0) throw new BadInputException($"{run.Root} has no checkpoint: there is no policy that could go on");
        if (model is null) return (all[^1].Policy, all[^1].Progress.PolicyVersion);
        var chosen = int.TryParse(model, out var step) ? all.LastOrDefault(c => c.Progress.TrainingSteps == step) : null;
        return chosen is not null
            ? (chosen.Policy, chosen.Progress.PolicyVersion)
            : throw new BadInputException($"'{model}' is neither a policy's folder nor a training step with a checkpoint; there are checkpoints of steps {known}");
    }

    private static EpisodeKey KeyOf(string text)
    {
        var parts = text.Split('/');
        return parts.Length >= 4 && int.TryParse(parts[^3], out var step) && int.TryParse(parts[^2], out var group) && int.TryParse(parts[^1], out var sample)
            ? new EpisodeKey(string.Join('/', parts[..^3]), step, group, sample)
            : throw new BadInputException($"'{text}' names no episode; write phase/step/group/sample, for example train/12/3/0");
    }

    private static IReadOnlyList<int> AfterCompression(Episode episode) =>
        [.. Enumerable.Range(1, Math.Max(0, episode.Turns.Count - 1)).Where(t => episode.Turns[t - 1].Summary is not null)];

    private BadInputException Missing(EpisodeKey key) => new($"the archive of {run.Root} holds no episode {key}; `agentrl inspect` lists those that it holds");

    private PhaseSettings SettingsOf(Episode episode) => settings.Of(episode.Key.Phase)
        ?? throw new BadInputException($"episode {episode.Key} ran under settings that no archive holds: it cannot be restored");

    /// <summary>Episodes that this policy sampled, of a known phase, that go on after a compression.</summary>
    private List<(long Number, EpisodeLocator Locator)> Fitting(string? phase, CancellationToken cancellationToken)
    {
        var fitting = new List<(long, EpisodeLocator)>();
        var phases = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var archived in new ArchiveReader(run.Archive, skipDamage: true).Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var e = archived.Episode;
            if (e.Outcome.IsFailure() || settings.Of(e.Key.Phase) is null || AfterCompression(e).Count == 0) continue;
            if (version is not null && RecordedTurn.Of(e, e.Turns[0], inputs.Template).Turn?.Generation.PolicyVersion != version) continue;
            phases.Add(e.Key.Phase);
            if (phase is null || e.Key.Phase == phase || e.Key.Phase.StartsWith(phase + "/", StringComparison.Ordinal)) fitting.Add((archived.Number, archived.Locator));
        }
        if (fitting.Count > 0) return fitting;
        var by = version is null ? "" : $" that version {version} of the policy sampled";
        throw new BadInputException(phases.Count == 0
            ? $"{run.Root}: no archived episode{by} goes on after a compression; --model names another checkpoint"
            : $"{run.Root}: no episode of phase '{phase}'{by} goes on after a compression; there are some of {string.Join(", ", phases)}");
    }

    private EpisodeReplay Restore(Start start, MemoryChange change, CancellationToken cancellationToken)
    {
        var environment = catalog.Create(start.Episode.TaskId);
        var restored = EpisodeReplay.ToTurnAsync(start.Episode, environment, inputs.Template, start.Context, start.Turn, cancellationToken).AsTask().GetAwaiter().GetResult();
        change.Apply(restored.Machine, restored.Link, inputs.Tokenizer);
        return restored;
    }

    /// <summary>Runs all continuations at once: of each start the unchanged ones, and those of each change.</summary>
    private WhatIfReport Continue(
        IReadOnlyList<(Start Start, List<(string Name, MemoryChange Change)> Changes)> work, IReadOnlyList<string> names, IReadOnlyDictionary<string, int> notApplicable,
        ContinuationOptions options, IRunReporter reporter, CancellationToken cancellationToken)
    {
        var c = inputs.Configuration;
        var sampling = new Sampling(options.Temperature ?? c.Rollout.Temperature, c.Rollout.TopP, c.Rollout.TopK);
        var plans = new List<EpisodePlan>();
        foreach (var (start, changes) in work)
        {
            foreach (var change in changes.Select(x => x.Change).Prepend(new MemoryChange.None()))
            {
                for (var n = 0; n < options.Continuations; n++) plans.Add(Plan(start, change, n));
            }
        }
        reporter.Stage("continuations", plans.Count);
        var driver = new DriverOptions(engines.Concurrency, c.Rollout.Retries, TimeSpan.FromSeconds(c.Rollout.EnvironmentTimeoutSeconds));
        var pool = new RolloutPool(engines.Engines, inputs.Template, driver, time);
        var endings = pool.Run(plans, c.Context, n => reporter.Step(n, []), cancellationToken).Select(Ended).ToList();
        var contrasts = new List<EpisodeContrast>();
        var at = 0;
        foreach (var (start, changes) in work)
        {
            var unchanged = endings.GetRange(at, options.Continuations);
            at += options.Continuations;
            foreach (var (name, _) in changes)
            {
                var changed = endings.GetRange(at, options.Continuations);
                contrasts.Add(new EpisodeContrast(start.Episode.Key, start.Turn, name, [.. unchanged.Zip(changed, (before, after) => new ContinuationPair(before, after))]));
                at += options.Continuations;
            }
        }
        var effects = names.Select(name => ChangeEffect.Of(name, [.. contrasts.Where(x => x.Change == name)], notApplicable.GetValueOrDefault(name)));
        return new WhatIfReport(version, [.. effects], contrasts);

        EpisodePlan Plan(Start start, MemoryChange change, int n) => new(
            new EpisodeKey("what-if", 0, plans.Count, n), () => catalog.Create(start.Episode.TaskId),
            RandomStream.Root(options.Seed, "what-if").Derive(start.Episode.Key.ToString()).Derive(start.Turn).Derive(n), sampling)
        {
            Restore = () =>
            {
                var restored = Restore(start, change, cancellationToken);
                return (restored.Link, restored.Machine);
            },
        };
    }

    private Ending Ended(Episode episode) => new(episode.Solved, CreditAssigner.ReturnOf(episode, inputs.Configuration.Algorithm), episode.Outcome.IsFailure());

    private sealed record Start(Episode Episode, int Turn, ContextOptions Context);
}
