namespace AgentRL.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("trian x", "Did you mean train?")]
    [InlineData("train", "Required argument 'CONFIG' missing for command: 'train'")]
    [InlineData("eval run --rounds 1,x", "--rounds: 'x' is no whole number from 0 up")]
    [InlineData("eval run --split lang", "'lang'")]
    [InlineData("eval run --context blank", "'blank'")]
    [InlineData("eval run --episodes 0", "--episodes is '0'; expected a whole number from 1 up")]
    [InlineData("generate --model m --tokens 3", "Give either --prompt or --ids.")]
    [InlineData("generate --model m --tokens 3 --ids 1 --prompt x", "Give either --prompt or --ids.")]
    [InlineData("generate --model m --ids 1", "Option '--tokens' is required.")]
    [InlineData("generate --model m --tokens 3 --ids 1 --greedy --temperature 1", "Give either --greedy or --temperature.")]
    [InlineData("generate --model m --tokens 3 --ids 1 --temperature 0", "--temperature is '0'; expected a number above 0")]
    [InlineData("generate --model m --tokens 3 --ids 1 --temperature hot", "--temperature is 'hot'")]
    [InlineData("play fake/none#1", "no environment is named 'fake/none'")]
    [InlineData("eval no/such/run", "no such folder")]
    [InlineData("bench --run no/such/run", "no such folder")]
    [InlineData("bench --record shapes", "--record needs --run")]
    [InlineData("bench --run r --model m", "--run and --model are two different things to measure")]
    public async Task Bad_input_is_explained_and_gives_2(string line, string explanation)
    {
        var result = await Cli.RunAsync(line.Split(' '));
        Assert.Equal((ExitCode.BadInput, ""), (result.Code, result.Out));
        Assert.Contains(explanation, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("config --help")]
    [InlineData("generate --help")]
    public async Task Help_gives_0(string line)
    {
        var result = await Cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Contains("agentrl", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_command_gives_130()
    {
        var result = await Cli.RunAsync(new CancellationToken(canceled: true), "play", "fake/sum#1");
        Assert.Equal(ExitCode.Interrupted, result.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_internal_error_gives_1_and_hides_its_stack_trace_unless_asked(bool showStackTraces)
    {
        var error = new StringWriter();
        var context = new CliContext
        {
            Out = TextWriter.Null,
            Error = error,
            In = TextReader.Null,
            IsInteractive = false,
            Time = TimeProvider.System,
            Catalog = Fakes.SumDefinition.Catalog,
            ShowStackTraces = showStackTraces,
        };
        Assert.Equal(ExitCode.Failed, Failure.Report(new InvalidOperationException("broken"), context, CancellationToken.None));
        Assert.StartsWith("Internal error: broken", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(showStackTraces, error.ToString().Contains("System.InvalidOperationException", StringComparison.Ordinal));
        Assert.Equal(!showStackTraces, error.ToString().Contains("AGENTRL_DEBUG=1", StringComparison.Ordinal));
    }
}
