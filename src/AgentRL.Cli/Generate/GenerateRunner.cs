using System.Globalization;
using System.Text.Json;
using AgentRL.Cpu.Generation;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tokens;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using AgentRL.Training;

namespace AgentRL.Cli.Generate;

/// <summary>Does what <see cref="GenerateCommand"/> was asked for.</summary>
internal static class GenerateRunner
{
    /// <summary>Loads the folder, generates, and prints ids, text and log-probabilities.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(GenerateRequest request, CliContext context, CancellationToken cancellationToken)
    {
        using var policy = PolicyFolder.Load(request.Model);
        var tokenizer = File.Exists(Path.Combine(request.Model, "tokenizer.json")) ? HuggingFaceTokenizer.Load(request.Model) : null;
        var prompt = Prompt(request, tokenizer, policy.Config.VocabularySize);
        if (prompt.Length + request.Tokens > policy.Config.MaxPositions)
            throw new BadInputException($"{prompt.Length} prompt tokens and {request.Tokens} new ones are more than the model's {policy.Config.MaxPositions} positions");
        using var model = policy.ToCpuModel();
        var room = prompt.Length + request.Tokens;
        using var engine = new CpuGenerationEngine(model, new() { MaximumContext = room + 1, CacheTokens = room + 16 });
        engine.Submit(new GenerationRequest
        {
            SequenceId = 0,
            Context = prompt,
            StopIds = [.. policy.Config.EosTokenIds],
            MaxNewTokens = request.Tokens,
            Sampling = request.Sampling,
            Stream = RandomStream.Root(request.Seed, "generate"),
        });
        IReadOnlyList<GenerationResult> finished = [];
        while (finished.Count == 0) finished = engine.Advance(cancellationToken);
        if (finished[0].Finish == FinishReason.Failed) throw new BadInputException($"{request.Model}: {finished[0].Failure}");
        if (request.Json) WriteJson(request, prompt, finished[0], tokenizer, context.Out);
        else WriteText(prompt, finished[0], tokenizer, context.Out);
        return Task.FromResult(ExitCode.Done);
    }

    private static int[] Prompt(GenerateRequest request, HuggingFaceTokenizer? tokenizer, int vocabulary)
    {
        if (request.Prompt is not null && tokenizer is null) throw new BadInputException($"{request.Model} has no tokenizer.json: give --ids instead of --prompt");
        int[] ids = request.Ids is { } given ? [.. given] : tokenizer!.EncodeForModel(request.Prompt!);
        if (ids.Length == 0) throw new BadInputException("the prompt is empty: nothing to go on with");
        var outside = Array.FindIndex(ids, i => i >= vocabulary);
        return outside < 0 ? ids : throw new BadInputException($"token id {ids[outside]} is outside the model's vocabulary of {vocabulary}");
    }

    private static void WriteText(int[] prompt, GenerationResult result, HuggingFaceTokenizer? tokenizer, TextWriter output)
    {
        output.WriteLine($"prompt ids: {string.Join(',', prompt)}");
        output.WriteLine($"ids: {string.Join(',', result.Ids)}");
        output.WriteLine($"log-probabilities: {string.Join(',', result.LogProbs.Select(l => l.ToString("F4", CultureInfo.InvariantCulture)))}");
        output.WriteLine($"finish: {(result.Finish == FinishReason.Stop ? "stop" : "length")}");
        if (tokenizer is not null) output.WriteLine(tokenizer.Decode([.. prompt, .. result.Ids]));
    }

    private static void WriteJson(GenerateRequest request, int[] prompt, GenerationResult result, HuggingFaceTokenizer? tokenizer, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(new
        {
            model = request.Model,
            prompt_ids = prompt,
            ids = result.Ids,
            log_probs = result.LogProbs,
            finish = result.Finish == FinishReason.Stop ? "stop" : "length",
            text = tokenizer?.Decode(result.Ids),
        }));
}
