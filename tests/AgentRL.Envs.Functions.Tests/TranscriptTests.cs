using AgentRL.Environments;
using AgentRL.Environments.Testing;

namespace AgentRL.Envs.Functions.Tests;

/// <summary>The texts of each game, approved as files.</summary>
public sealed class TranscriptTests
{
    public static TheoryData<string, Rendering> Cases => ContractTests.Renderings;

    [Theory, MemberData(nameof(Cases))]
    public void Texts_are_as_approved(string game, Rendering rendering) =>
        Transcripts.AreAsApproved(FunctionEnvironments.All.Single(d => d.Name == game), rendering, typeof(TranscriptTests));
}
