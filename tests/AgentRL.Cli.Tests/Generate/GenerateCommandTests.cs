using System.Text.Json.Nodes;
using AgentRL.Cli.Tests.Train;

namespace AgentRL.Cli.Tests.Generate;

public sealed class GenerateCommandTests : IClassFixture<TrainedRun>
{
    private readonly TrainedRun trained;

    public GenerateCommandTests(TrainedRun trained) => this.trained = trained;

    private string Model => Path.Combine(trained.Run, "policy");

    [Fact]
    public async Task Text_goes_on_with_ids_and_log_probabilities()
    {
        var result = await GenerateAsync(Model, "--prompt", "go", "--tokens", "5", "--greedy");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        foreach (var text in new[] { "prompt ids: ", "\nids: ", "log-probabilities: -", "finish: " }) Assert.Contains(text, result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_holds_as_many_log_probabilities_as_ids_and_a_seed_repeats_them()
    {
        string[] arguments = ["--ids", "5,6", "--tokens", "6", "--temperature", "0.8", "--seed", "7", "--json"];
        var result = await GenerateAsync(Model, arguments);
        var json = JsonNode.Parse(result.Out)!;
        Assert.Equal(json["ids"]!.AsArray().Count, json["log_probs"]!.AsArray().Count);
        Assert.Equal([5, 6], json["prompt_ids"]!.AsArray().Select(i => (int)i!));
        Assert.All(json["log_probs"]!.AsArray(), l => Assert.True((double)l! <= 0));
        Assert.Equal(result.Out, (await GenerateAsync(Model, arguments)).Out);
    }

    [Theory]
    [InlineData("--ids 5,99999", "token id 99999 is outside the model's vocabulary")]
    [InlineData("--ids 5,-1", "is no whole number from 0 up")]
    [InlineData("--ids 5,9999999999", "is no whole number from 0 up")]
    [InlineData("--ids 5 --tokens 100000", "positions")]
    public async Task Ids_that_the_model_cannot_take_are_refused(string line, string explanation)
    {
        var result = await GenerateAsync(Model, [.. line.Split(' '), .. line.Contains("--tokens", StringComparison.Ordinal) ? Array.Empty<string>() : ["--tokens", "2"]]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(explanation, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_tokenizer_takes_ids_alone()
    {
        var folder = Copy("bare");
        File.Delete(Path.Combine(folder, "tokenizer.json"));
        var refused = await GenerateAsync(folder, "--prompt", "go", "--tokens", "2");
        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains("has no tokenizer.json", refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await GenerateAsync(folder, "--ids", "5", "--tokens", "2")).Code);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    public async Task A_damaged_file_is_named(string name)
    {
        var folder = Copy($"damaged {name}");
        var file = Path.Combine(folder, name);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^20]);
        var result = await GenerateAsync(folder, "--prompt", "go", "--tokens", "2");
        Assert.Equal((ExitCode.BadInput, ""), (result.Code, result.Out));
        Assert.Contains(name, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        var result = await GenerateAsync(trained.NewPath("no-model"), "--ids", "5", "--tokens", "2");
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("no-model", result.Error, StringComparison.Ordinal);
    }

    private static Task<CliResult> GenerateAsync(string model, params string[] arguments) => TrainedRun.RunAsync(["generate", "--model", model, .. arguments]);

    private string Copy(string name)
    {
        var folder = Directory.CreateDirectory(trained.NewPath(name)).FullName;
        foreach (var file in Directory.GetFiles(Model)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return folder;
    }
}
