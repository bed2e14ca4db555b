namespace AgentRL.Cli.Tests;

public sealed class EnvsCommandTests
{
    [Fact]
    public async Task Lists_all_environments_with_a_sample()
    {
        var result = await Cli.RunAsync("envs");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Approved.Matches("envs", result.Out);
    }

    [Fact]
    public async Task Shows_all_of_one()
    {
        var result = await Cli.RunAsync("envs", "fake/sum");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Approved.Matches("envs-one", result.Out);
    }

    [Theory]
    [InlineData("fake/smu")]
    [InlineData("other/sum")]
    public async Task Suggests_the_nearest_name(string name)
    {
        var result = await Cli.RunAsync("envs", name);
        Assert.Equal((ExitCode.BadInput, ""), (result.Code, result.Out));
        Assert.Equal($"no environment is named '{name}'; known are fake/forgetful_sum, fake/sum; did you mean fake/sum?", result.Error.TrimEnd());
    }
}
