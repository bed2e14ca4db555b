using System.Text.Json.Nodes;

namespace AgentRL.Cli.Tests;

/// <summary>The package for Nvidia GPUs cannot be restored everywhere, so the evaluated project is looked at instead of a build.</summary>
public sealed class TorchBackendTests
{
    [Theory]
    [InlineData("cpu", false)]
    [InlineData("cuda", true)]
    public async Task The_backend_decides_which_tensor_library_is_referenced(string backend, bool isCuda)
    {
        var project = Path.Combine(Repository.Root, "src", "AgentRL.Torch", "AgentRL.Torch.csproj");
        string[] choice = backend == "cpu" ? [] : [$"-p:TorchBackend={backend}"]; // cpu is the default
        using var evaluation = new ChildProcess("dotnet", ["msbuild", project, "-getItem:PackageReference", .. choice]);
        Assert.Equal(0, await evaluation.ExitCodeAsync());
        var packages = JsonNode.Parse(evaluation.Output)!["Items"]!["PackageReference"]!.AsArray().Select(p => (string?)p!["Identity"]).ToHashSet();
        Assert.Contains("TorchSharp", packages);
        Assert.Equal(isCuda, packages.Contains("TorchSharp-cuda-linux"));
        Assert.Equal(!isCuda, packages.Contains("TorchSharp-cpu") || packages.Contains("libtorch-cpu-linux-x64"));
    }
}
