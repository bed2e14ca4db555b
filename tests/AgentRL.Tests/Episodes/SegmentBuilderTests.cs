using AgentRL.Episodes;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Episodes;

/// <summary>Ids, kinds, loss flags, log-probabilities, versions and entropies stay beside each other, however a segment grows and is cut back.</summary>
public class SegmentBuilderTests
{
    private readonly record struct Token(int Id, TokenKind Kind, bool Loss, float LogProb, int Version, float Entropy);

    [Fact]
    public void However_it_is_grown_and_cut_each_token_keeps_what_is_its_own() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 6]).Array[1, 12].Sample(changes =>
        {
            var (builder, expected, next) = (new SegmentBuilder(), new List<Token>(), 1);
            foreach (var (what, size) in changes)
            {
                var ids = Enumerable.Range(next, size).ToArray();
                next += size;
                switch (what)
                {
                    case 0:
                        builder.Append(TokenKind.Observation, ids);
                        expected.AddRange(ids.Select(i => new Token(i, TokenKind.Observation, false, 0, -1, 0)));
                        break;
                    case 1:
                        builder.AppendSampled(TokenKind.Action, ids, [.. ids.Select(i => -i / 8f)], next, [.. ids.Select(i => i / 4f)]);
                        expected.AddRange(ids.Select(i => new Token(i, TokenKind.Action, true, -i / 8f, next, i / 4f)));
                        break;
                    default:
                        var start = Math.Max(0, expected.Count - size);
                        AssertIs(expected[start..].Select(t => t with { Loss = false }), builder.CutFrom(start), expected[start..].Any(t => t.Loss));
                        expected.RemoveRange(start, expected.Count - start);
                        break;
                }
                AssertIs(expected, builder.Build(), expected.Any(t => t.Loss));
            }
        });

    [Fact]
    public void What_is_repeated_as_context_was_sampled_elsewhere()
    {
        var builder = new SegmentBuilder();
        builder.Append(TokenKind.Task, [9]);
        builder.AppendContext(Sampled(), 1, 2);
        AssertIs([new(9, TokenKind.Task, false, 0, -1, 0), new(2, TokenKind.Action, false, 0, -1, 0), new(3, TokenKind.Action, false, 0, -1, 0)], builder.Build(), entropies: false);
    }

    [Fact]
    public void What_is_repeated_as_it_stands_keeps_everything()
    {
        var builder = new SegmentBuilder();
        builder.AppendAsIs(Sampled(), 1, 2);
        AssertIs([new(2, TokenKind.Action, true, -2, 5, 0.2f), new(3, TokenKind.Action, true, -3, 5, 0.3f)], builder.Build(), entropies: true);
    }

    [Fact]
    public void Entropies_are_known_of_all_sampled_tokens_or_of_none()
    {
        var unknown = new SegmentBuilder();
        unknown.AppendSampled(TokenKind.Action, [1, 2], [-1, -2], 5);
        Assert.Empty(unknown.Build().Entropies);
        var again = new SegmentBuilder();
        again.Append(TokenKind.Task, [9]);
        again.AppendAsIs(unknown.Build(), 0, 2);
        Assert.Empty(again.Build().Entropies);
        again.AppendSampled(TokenKind.Action, [3], [-3], 5, [0.3f]);
        Assert.Empty(again.Build().Entropies);
        var none = new SegmentBuilder();
        none.AppendAsIs(new Segment([7], [TokenKind.Task], [false], [0], [-1]), 0, 1);
        none.AppendSampled(TokenKind.Action, [8], [-1], 5, [0.5f]);
        Assert.Equal([0, 0.5f], none.Build().Entropies); // of what nobody sampled it is 0, not unknown
    }

    [Fact]
    public void Each_sampled_token_needs_its_numbers()
    {
        var builder = new SegmentBuilder();
        Assert.Equal("tokenLogProbs", Assert.Throws<ArgumentException>(() => builder.AppendSampled(TokenKind.Action, [1, 2], [-1], 0)).ParamName);
        Assert.Equal("tokenEntropies", Assert.Throws<ArgumentException>(() => builder.AppendSampled(TokenKind.Action, [1, 2], [-1, -2], 0, [0.5f])).ParamName);
        Assert.Equal(0, builder.Length);
    }

    private static Segment Sampled()
    {
        var builder = new SegmentBuilder();
        builder.AppendSampled(TokenKind.Action, [1, 2, 3], [-1, -2, -3], 5, [0.1f, 0.2f, 0.3f]);
        return builder.Build();
    }

    private static void AssertIs(IEnumerable<Token> tokens, Segment segment, bool entropies)
    {
        Token[] expected = [.. tokens];
        Assert.Equal(expected.Select(t => t.Id), segment.Ids);
        Assert.Equal(expected.Select(t => t.Kind), segment.Kinds);
        Assert.Equal(expected.Select(t => t.Loss), segment.Loss);
        Assert.Equal(expected.Select(t => t.LogProb), segment.LogProbs);
        Assert.Equal(expected.Select(t => t.Version), segment.Versions);
        Assert.Equal(entropies ? expected.Select(t => t.Entropy) : [], segment.Entropies);
    }
}
