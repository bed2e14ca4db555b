using System.CommandLine;
using AgentRL.Cpu.Kernels;
using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Bench;

/// <summary>What <c>agentrl bench</c> was asked for.</summary>
/// <param name="Model">A Hugging Face folder in place of the two standard models, or null.</param>
/// <param name="Quick">Fewer cases and less time for each.</param>
/// <param name="Cache">How the CPU engine holds keys and values.</param>
/// <param name="Json">Where figures go as JSON, or null.</param>
/// <param name="Run">A run whose training steps are measured in place of all else, or null.</param>
/// <param name="Record">Where the shapes of that run's first measured step go, or null.</param>
internal sealed record BenchRequest(string? Model, bool Quick, CacheStorage Cache, string? Json, string? Run = null, string? Record = null);

/// <summary><c>agentrl bench</c>: how fast this machine generates and trains, against its own ceilings.</summary>
internal static class BenchCommand
{
    public static Command Create(CliContext context)
    {
        var model = new Option<string?>("--model") { Description = "A Hugging Face folder to measure in place of the two standard models.", HelpName = "FOLDER" };
        var quick = new Option<bool>("--quick") { Description = "Fewer cases; ends within 50 seconds." };
        var cache = new Option<string>("--cache") { Description = "How the CPU engine holds keys and values.", DefaultValueFactory = _ => SettingNames.Of(CacheStorage.Float32) };
        cache.AcceptOnlyFromAmong(SettingNames.Of<CacheStorage>());
        var json = new Option<string?>("--json") { Description = "Write the figures to a file, too.", HelpName = "FILE" };
        var run = new Option<string?>("--run")
        {
            Description = "Measure training steps of a run's settings and newest policy instead: rollouts, and where the time goes. The run is only read.",
            HelpName = "RUN",
        };
        var record = new Option<string?>("--record")
        {
            Description = "Write the shapes of that run's rollouts to a file: how many tokens each turn reads and draws.",
            HelpName = "FILE",
        };
        const string What = "Measure generation and training: decoding and prefill of both engines, rollouts, updates, against this machine's ceilings.";
        var command = new Command("bench", What) { model, quick, cache, json, run, record, ArchiveBench.Create(context) };
        command.Validators.Add(result =>
        {
            if (result.GetValue(run) is null && result.GetValue(record) is not null) result.AddError("--record needs --run");
            if (result.GetValue(run) is not null && result.GetResult(cache) is { Implicit: false }) result.AddError("--cache is not for --run: a run's own rollout.cache is measured");
            if (result.GetValue(run) is not null && result.GetValue(model) is not null) result.AddError("--run and --model are two different things to measure");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var storage = SettingNames.Value<CacheStorage>(parsed.GetValue(cache))!.Value;
            var request = new BenchRequest(parsed.GetValue(model), parsed.GetValue(quick), storage, parsed.GetValue(json), parsed.GetValue(run), parsed.GetValue(record));
            return Task.FromResult(BenchRunner.Run(request, context, cancellationToken));
        });
        return command;
    }
}
