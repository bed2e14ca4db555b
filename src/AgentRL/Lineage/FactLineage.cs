using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>
/// Something that a summary should hold. Where the environment's oracle line is there, its facts are the line's pairs <c>name=value</c>, each item of a
/// comma-separated value its own fact. Elsewhere they are values of at least three characters that an observation brought, that a later action names as one of its
/// arguments, and that the task's id does not hold.
/// </summary>
/// <param name="Name">The field's name; null for a fact that was observed.</param>
/// <param name="Value">Its value.</param>
/// <remarks>
/// A text states a fact when it gives the fact's name this value in a pair, alone or as an item; where it does not use the name, when the value stands in it as a
/// whole word. An underscore in an oracle's value also stands for a space. An action names a fact when one of its arguments holds the value as a whole word. Short
/// numbers can stand in a text, or in a call, by chance: their counts are upper bounds. Facts that a text puts in other words are not seen.
/// </remarks>
public sealed record Fact(string? Name, string Value)
{
    /// <summary>For example <c>at=bed1</c>.</summary>
    public override string ToString() => Name is null ? Value : $"{Name}={Value}";
}

/// <summary>A fact through an episode. Rounds count as in <see cref="BlockLineage"/>.</summary>
public sealed record FactLineage
{
    /// <summary>Which.</summary>
    public required Fact Fact { get; init; }

    /// <summary>The first turn whose observation held its value and stayed in the context; null for none.</summary>
    public required int? SeenAt { get; init; }

    /// <summary>The first compression whose summary carried it; null for none.</summary>
    public required int? WrittenInRound { get; init; }

    /// <summary>The sampled tokens of that summary.</summary>
    public required TokenSpan? WrittenBy { get; init; }

    /// <summary>Compressions whose summary carried it.</summary>
    public required IReadOnlyList<int> CarriedThrough { get; init; }

    /// <summary>Compressions at which it was left to a block of the memory.</summary>
    public required IReadOnlyList<int> ArchivedAt { get; init; }

    /// <summary>Compressions at which it was lost: more than one where it was seen anew in between.</summary>
    public required IReadOnlyList<int> LostAt { get; init; }

    /// <summary>Actions that used it out of a carried summary: the first after each.</summary>
    public required IReadOnlyList<int> UsedBy { get; init; }
}
