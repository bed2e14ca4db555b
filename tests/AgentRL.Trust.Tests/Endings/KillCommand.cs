using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentRL.Randomness;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>The long form: <c>kills COUNT SEED OUTPUT</c>.</summary>
internal static class KillCommand
{
    private static readonly string[] Failures = ["disk", "memory"];

    private static readonly string[] FailingMoments =
        ["archive: before a frame", "archive: behind a frame", "between archive and checkpoint", "checkpoint: begun", "checkpoint: weights written", "checkpoint: optimizer written", "checkpoint: before it counts", "checkpoint: counts", "warm start: step"];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (wanted, seed, output) = (int.Parse(arguments[0], CultureInfo.InvariantCulture), int.Parse(arguments[1], CultureInfo.InvariantCulture), arguments[2]);
        var clock = Stopwatch.StartNew();
        using var harness = new KillHarness();
        await harness.PrepareAsync();
        Console.WriteLine($"the run that is left alone takes {harness.Whole.TotalSeconds:F1} s");
        var tally = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
        var kills = 0;

        for (var n = 0; Tried("random") < wanted; n++)
        {
            var trial = RandomStream.Root(seed, "kills").Derive(n);
            await TryAsync("random", async () =>
            {
                var killed = await harness.KillAtRandomAsync(trial);
                kills += killed;
                return killed > 0;
            });
            if (Tried("random") % 10 == 0) Report();
        }
        foreach (var (moment, time) in KillHarness.Named) await TryAsync("named", Always(() => harness.EndAtAsync("kill", moment, time)));
        foreach (var failure in Failures)
        {
            foreach (var moment in FailingMoments) await TryAsync($"{failure} failing at a named moment", Always(() => harness.EndAtAsync(failure, moment, 2)));
        }
        for (var size = 32; size <= 2048; size = size * 5 / 4) await TryAsync("disk really full", async () => await harness.OnDiskOfAsync(size) == true);
        for (var size = 8; size <= 24; size++) await TryAsync("memory really short", () => harness.UnderAsync(("DOTNET_GCHeapHardLimit", $"{size << 20:x}")));
        Report();
        var identical = tally.Values.All(t => t[0] == t[1]);
        var lines = tally.ToDictionary(t => t.Key, t => new { tried = t.Value[1], identical = t.Value[0] });
        File.WriteAllText(output, JsonSerializer.Serialize(new { seed, trials = lines, random_kills_in_all = kills, seconds = Math.Round(clock.Elapsed.TotalSeconds) }, new JsonSerializerOptions { WriteIndented = true }) + "\n");
        return identical ? 0 : 1;

        int Tried(string kind) => tally.TryGetValue(kind, out var t) ? t[1] : 0;

        // A trial in which nothing ended before its time is none.
        async Task TryAsync(string kind, Func<Task<bool>> trial)
        {
            var t = tally.TryGetValue(kind, out var known) ? known : tally[kind] = new int[2];
            try
            {
                if (!await trial()) return;
                t[0]++;
            }
            catch (Exception e)
            {
                Console.WriteLine($"{kind}: {e.Message}");
            }
            t[1]++;
        }

        void Report() => Console.WriteLine($"{clock.Elapsed.TotalSeconds:F0} s: {string.Join(", ", tally.Select(t => $"{t.Key} {t.Value[0]} of {t.Value[1]}"))}");

        static Func<Task<bool>> Always(Func<Task> trial) => async () =>
        {
            await trial();
            return true;
        };
    }
}
