using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Replays;

/// <summary>What the policy saw and sampled at a turn of a recorded episode, taken out of the episode's segments.</summary>
/// <param name="Context">The whole context, generation prompt included.</param>
/// <param name="Generation">What was sampled.</param>
public sealed record RecordedTurn(ReadOnlyMemory<int> Context, GenerationResult Generation)
{
    /// <summary>Looks a turn up. How it ended is read off the tokens, not off the record.</summary>
    /// <returns>The turn, or why the recording has no such tokens.</returns>
    public static (RecordedTurn? Turn, Divergence? Fault) Of(Episode episode, Turn turn, IChatTemplate template)
    {
        var prompt = template.GenerationPrompt;
        if ((uint)turn.Segment >= (uint)episode.Segments.Count)
            return (null, At(turn, new Divergence("segment of a turn", $"one of {episode.Segments.Count}", $"{turn.Segment}")));
        var segment = episode.Segments[turn.Segment];
        var source = turn.Discarded ?? segment;
        var start = turn.Discarded is null ? turn.Start : prompt.Length;
        var before = turn.Start - prompt.Length;
        if (before < 0 || before > segment.Length || start < 0 || turn.SampledTokens < 0 || (long)start + turn.SampledTokens > source.Length)
            return (null, At(turn, new Divergence("place of a turn's tokens", $"within {source.Length} tokens", $"{turn.SampledTokens} from {turn.Start}")));
        var ids = source.Ids.AsSpan(start, turn.SampledTokens).ToArray();
        var outside = Array.FindIndex(ids, id => (uint)id >= (uint)template.Tokenizer.VocabularySize);
        if (outside >= 0)
        {
            var place = At(turn, new Divergence("token", $"one of a vocabulary of {template.Tokenizer.VocabularySize}", $"{ids[outside]}"));
            return (null, place with { Token = start + outside, Discarded = turn.Discarded is not null });
        }
        var finish = ids.Length > 0 && template.StopIds.Contains(ids[^1]) ? FinishReason.Stop : FinishReason.Length;
        var generation = new GenerationResult(0, ids, source.LogProbs.AsSpan(start, ids.Length).ToArray(), finish, ids.Length == 0 ? -1 : source.Versions[start])
        {
            Entropies = source.Entropies.Length == 0 ? [] : source.Entropies.AsSpan(start, ids.Length).ToArray(),
        };
        return (new RecordedTurn((int[])[.. segment.Ids.AsSpan(0, before), .. prompt], generation), null);
    }

    /// <summary>The version that sampled each turn of an episode, discarded turns included.</summary>
    public static IEnumerable<int> Versions(Episode episode, IChatTemplate template) =>
        episode.Turns.Select(t => Of(episode, t, template).Turn?.Generation.PolicyVersion ?? -1);

    private static Divergence At(Turn turn, Divergence fault) => fault with { Turn = turn.Index, Segment = turn.Segment };
}
