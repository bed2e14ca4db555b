using AgentRL.Torch.Native;
using static TorchSharp.torch;

namespace AgentRL.Torch.Optimization;

/// <summary>
/// Muon's direction for a hidden matrix (Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks"): momentum U·S·Vᵀ becomes nearly U·Vᵀ, so that
/// every direction of the matrix learns at the same rate, the rare ones too. Small policies learn to look up and copy names several times sooner with it.
/// </summary>
internal static class Orthogonalization
{
    private const int Iterations = 5;

    /// <summary>The root mean square of an update at learning rate 1, at the upper end of AdamW's 0.2 to 0.4 (Liu et al., 2025, "Muon is scalable for LLM training", section 2.2), so that rates carry over.</summary>
    private const double Size = 0.4;

    /// <summary>
    /// A matrix of the same shape whose singular values all lie near 0.4 · sqrt(max(rows, columns)). A matrix of zeros stays one.
    /// Five steps of a quintic Newton–Schulz iteration bring every singular value that is not far below the largest to between about 0.7 and 1.2.
    /// </summary>
    internal static Tensor Direction(Tensor momentum)
    {
        bool tall = momentum.shape[0] > momentum.shape[1];
        Tensor x = tall ? momentum.t().contiguous() : momentum;
        x = x.Times(1 / (x.norm().to(ScalarType.Float64).item<double>() + 1e-30));
        for (int i = 0; i < Iterations; i++)
        {
            Tensor square = x.mm(x.t());
            Tensor polynomial = square.mm(square).Mul_(2.0315).Add_(square, -4.7750);
            x = polynomial.mm(x).Add_(x, 3.4445);
        }
        return (tall ? x.t() : x).Times(Size * Math.Sqrt(Math.Max(momentum.shape[0], momentum.shape[1])));
    }
}
