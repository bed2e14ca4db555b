using AgentRL.Environments;
using AgentRL.Environments.Testing;

namespace AgentRL.Envs.Household.Tests;

/// <summary>The texts of each task, approved as files.</summary>
public sealed class TranscriptTests
{
    public static TheoryData<string, Rendering> Cases => ContractTests.Renderings;

    [Theory, MemberData(nameof(Cases))]
    public void Texts_are_as_approved(string task, Rendering rendering) =>
        Transcripts.AreAsApproved(HouseholdEnvironments.All.Single(d => d.Name == task), rendering, typeof(TranscriptTests));
}
