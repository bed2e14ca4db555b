namespace AgentRL.Cpu.Models;

/// <summary>Weights do not fit the model's shape, or are not finite numbers.</summary>
public sealed class WeightsException(string message) : Exception(message);

/// <summary>Gives a parameter's numbers by its Hugging Face name, row by row ([out, in] for matrices). The span need live only until the next call.</summary>
/// <param name="name">For example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
public delegate ReadOnlySpan<float> WeightReader(string name);
