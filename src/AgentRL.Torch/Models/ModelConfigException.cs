namespace AgentRL.Torch.Models;

/// <summary>A model's <c>config.json</c> is unreadable, inconsistent, or describes an architecture this library does not run.</summary>
public sealed class ModelConfigException(string message, Exception? inner = null) : Exception(message, inner);
