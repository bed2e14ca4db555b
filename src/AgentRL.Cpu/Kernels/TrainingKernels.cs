using System.Runtime.Intrinsics;

namespace AgentRL.Cpu.Kernels;

/// <summary>
/// The arithmetic of a training step over plain memory, for one width of vector registers. Lengths of vectors are multiples of 16 (<see cref="Lanes"/>): rows
/// are padded with zeros, which every kernel leaves zeros. Every sum is taken in one fixed order.
/// </summary>
internal abstract unsafe class TrainingKernels
{
    /// <summary>Lengths of rows are multiples of it, whatever the width of the registers.</summary>
    public const int Lanes = 16;

    /// <summary>Those of the widest registers this processor has.</summary>
    public static TrainingKernels Best { get; } = Available[0];

    /// <summary>All that this processor runs, the widest first; the last one runs anywhere.</summary>
    public static IReadOnlyList<TrainingKernels> Available =>
    [
        .. Vector512.IsHardwareAccelerated ? [new VectorTrainingKernels<Lanes512, Vector512<float>, Four>()] : Array.Empty<TrainingKernels>(),
        .. Vector256.IsHardwareAccelerated ? [new VectorTrainingKernels<Lanes256, Vector256<float>, Two>()] : Array.Empty<TrainingKernels>(),
        new VectorTrainingKernels<Lanes128, Vector128<float>, Four>(),
    ];

    /// <summary>Numbers in a register.</summary>
    public abstract int Width { get; }

    /// <summary>A length rounded up to whole lanes.</summary>
    public static int Padded(int length) => (length + Lanes - 1) / Lanes * Lanes;

    /// <summary>c[rows][columns] = a[rows][depth] · w[depth][columns] (+ bias[columns]) (+ c); w's rows are <paramref name="step"/> apart.</summary>
    public abstract void Multiply(float* a, nint lda, int rows, int depth, float* w, nint step, int columns, float* c, nint ldc, float* bias, bool accumulate);

    /// <summary>
    /// c[outputs][columns] += Σ_t a[t][outputs] · x[t][columns]. An output o is summed from token max(0, o − lead) on only, o rounded down to its tile's first:
    /// what a causal mask has left of a below is zero.
    /// </summary>
    public abstract void Outer(float* a, nint lda, int outputs, float* x, nint ldx, int columns, int tokens, float* c, nint ldc, int lead = int.MaxValue / 2);

    /// <summary>sums[columns] += Σ_t a[t][columns].</summary>
    public abstract void Sum(float* a, nint lda, int tokens, int columns, float* sums);

    /// <summary>target += source, row by row.</summary>
    public abstract void Add(float* source, nint lds, int rows, int length, float* target, nint ldt);

    /// <summary>target = source · factor, row by row; they may be the same.</summary>
    public abstract void Scale(float* source, nint lds, int rows, int length, float factor, float* target, nint ldt);

    /// <summary>sums[row] = Σ a · b.</summary>
    public abstract void Dot(float* a, nint lda, float* b, nint ldb, int rows, int length, float* sums);

    /// <summary>1 / sqrt(mean(x²) + ε), the mean over <paramref name="size"/> numbers.</summary>
    public abstract float InverseRoot(float* x, int length, int size, float epsilon);

    /// <summary>y = x · factor · weight; x and y may be the same.</summary>
    public abstract void Normalize(float* x, float* weight, int length, float factor, float* y);

    /// <summary>
    /// For y = x · r · w with r = 1 / sqrt(mean(x²) + ε):  dx (+)= r · w · dy − x · r³ / size · Σ w · dy · x,  dw += dy · x · r. dx and dy may be the same.
    /// </summary>
    public abstract void NormalizeGradient(float* x, float* weight, int length, int size, float r, float* dy, float* dx, bool accumulate, float* dw);

    /// <summary>Rotates the pairs (i, i + half) of heads that are <paramref name="stride"/> apart by the angles of given cosines and sines, or (direction −1) back.</summary>
    public abstract void Rotate(float* head, int heads, nint stride, float* cosines, float* sines, int half, float direction);

    /// <summary>y = silu(gate) · up.</summary>
    public abstract void Gate(float* gate, float* up, int length, float* y);

    /// <summary>y = silu(gate) · up once more, and its gradients: gate ← dy · up · silu′(gate), up ← dy · silu(gate).</summary>
    public abstract void GateGradient(float* gate, float* up, float* dy, int length, float* y, float* dgate, float* dup);

    /// <summary>
    /// Turns the first <paramref name="visible"/> scores into exp(score − largest) and the rest, up to <paramref name="length"/>, into zeros. The
    /// logarithm of Σ exp(score), and one over the new numbers' sum.
    /// </summary>
    public abstract (float LogSum, float Inverse) Soften(float* scores, int visible, int length);

    /// <summary>
    /// One row of attention: scores become probabilities p = exp(score − logSum), dp becomes the scores' gradient p · (dp − delta); both are zero from
    /// <paramref name="visible"/> to <paramref name="length"/>.
    /// </summary>
    public abstract void SoftenGradient(float* scores, float* dp, int visible, int length, float logSum, float delta);

    /// <summary>Largest z · scale, and over it Σ e and Σ e · (z · scale − largest) with e = exp(z · scale − largest).</summary>
    public abstract (float Largest, float Sum, float Weighted) LogitSums(float* z, int length, float scale);

    /// <summary>
    /// Logits become their gradient: z ← −scale · p · (dlogp + dentropy · (log p + entropy)) with log p = z · scale − logSum. The target's own term is the caller's.
    /// </summary>
    public abstract void LogitGradient(float* z, int length, float scale, float logSum, float dlogp, float dentropy, float entropy);

    /// <summary>y[columns][64] = x[64 or fewer rows][columns] turned round; rows are done in fours, so x must be readable up to three rows further.</summary>
    public abstract void Transpose(float* x, nint ldx, int rows, int columns, float* y);
}
