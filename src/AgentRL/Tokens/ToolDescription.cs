namespace AgentRL.Tokens;

/// <summary>A tool as the policy is told about it.</summary>
/// <param name="Name">The name used in calls.</param>
/// <param name="Description">One sentence for the policy.</param>
/// <param name="ParametersJsonSchema">JSON Schema of the arguments object.</param>
/// <param name="ChangesState">Whether a call can change the environment or a memory.</param>
/// <param name="Signature">The compact form for small policies, such as <c>get(i)</c>.</param>
public sealed record ToolDescription(string Name, string Description, string ParametersJsonSchema, bool ChangesState, string Signature);
