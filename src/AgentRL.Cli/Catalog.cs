using AgentRL.Environments;
using AgentRL.Envs.Functions;
using AgentRL.Envs.Household;

namespace AgentRL.Cli;

/// <summary>The environments that the command line knows.</summary>
internal static class Catalog
{
    /// <summary>All families that come with the program.</summary>
    public static EnvironmentCatalog Default { get; } = new([.. FunctionEnvironments.All, .. HouseholdEnvironments.All]);
}
