using TorchSharp;

namespace AgentRL.Torch.Tests.Native;

public sealed class TensorLibraryTests
{
    [Fact]
    public void The_native_library_loads_and_multiplies()
    {
        using torch.Tensor a = torch.ones(3, 4);
        using torch.Tensor b = torch.ones(4, 2);
        using torch.Tensor product = a.mm(b);
        Assert.Equal(4f, product[2, 1].item<float>());
    }
}
