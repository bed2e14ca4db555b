using AgentRL.Training.Configuration;
using CsCheck;

namespace AgentRL.Training.Tests.Configuration;

public sealed class MutationTests : LoaderFixture
{
    private const string Alphabet = "\n\t :-[]{},#&*!|>'\"%@`ab19.~?=\0é";

    [Fact]
    public void A_damaged_file_is_read_or_refused_with_faults_but_nothing_else_happens()
    {
        var whole = ConfigurationWriter.Write(Load(Task));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 12], Gen.String[Gen.Int[0, Alphabet.Length - 1].Select(i => Alphabet[i]), 0, 4], Gen.Bool).Sample(
            (at, cut, put, truncate) =>
            {
                var rest = truncate ? "" : whole[Math.Min(whole.Length, at + cut)..];
                try
                {
                    Load(whole[..at] + put + rest);
                }
                catch (ConfigurationException e)
                {
                    Assert.NotEmpty(e.Faults);
                    Assert.All(e.Faults, f => Assert.True(f.Line >= 1 && f.Problem.Length > 0, f.ToString()));
                }
            },
            iter: 500,
            threads: 1);
    }
}
