using System.Text.Json.Serialization;

namespace AgentRL.Archive.Exchange;

/// <summary>
/// An episode as other programs see it: one object of a JSON Lines file, one row of a Parquet file. The names are the file's fields; the README documents them.
/// Fields are added, never renamed.
/// </summary>
internal sealed class EpisodeRow
{
    [JsonPropertyName("phase")] public string Phase { get; set; } = "";
    [JsonPropertyName("step")] public int Step { get; set; }
    [JsonPropertyName("group")] public int Group { get; set; }
    [JsonPropertyName("sample")] public int Sample { get; set; }
    [JsonPropertyName("task_id")] public string TaskId { get; set; } = "";
    [JsonPropertyName("strategy")] public string Strategy { get; set; } = "";
    [JsonPropertyName("outcome")] public string Outcome { get; set; } = "";
    [JsonPropertyName("is_over")] public bool IsOver { get; set; }
    [JsonPropertyName("reward")] public double Reward { get; set; }
    [JsonPropertyName("solved")] public bool Solved { get; set; }
    [JsonPropertyName("reward_parts")] public List<RewardPartRow> RewardParts { get; set; } = [];
    [JsonPropertyName("penalty_context_overflow")] public double PenaltyContextOverflow { get; set; }
    [JsonPropertyName("penalty_redundancy")] public double PenaltyRedundancy { get; set; }
    [JsonPropertyName("penalty_format")] public double PenaltyFormat { get; set; }
    [JsonPropertyName("return")] public double? Return { get; set; }
    [JsonPropertyName("advantage")] public double? Advantage { get; set; }
    [JsonPropertyName("masked")] public bool? Masked { get; set; }
    [JsonPropertyName("rounds")] public int Rounds { get; set; }
    [JsonPropertyName("peak_working_context")] public int PeakWorkingContext { get; set; }
    [JsonPropertyName("failure")] public string? Failure { get; set; }
    [JsonPropertyName("retries")] public int Retries { get; set; }
    [JsonPropertyName("segments")] public List<SegmentRow> Segments { get; set; } = [];
    [JsonPropertyName("turns")] public List<TurnRow> Turns { get; set; } = [];
    [JsonPropertyName("memory_events")] public List<MemoryRow> MemoryEvents { get; set; } = [];

    /// <summary>Parquet only: the archive's own record, where a text is no valid Unicode and Parquet's texts cannot say it.</summary>
    [JsonPropertyName("exact")] public byte[]? Exact { get; set; }
}

/// <summary>A part of the reward.</summary>
internal sealed class RewardPartRow
{
    [JsonPropertyName("name")] public string Name { get; set; } = "";
    [JsonPropertyName("value")] public double Value { get; set; }
}

/// <summary>A segment's tokens, or those of a discarded turn.</summary>
internal sealed class SegmentRow
{
    [JsonPropertyName("ids")] public List<int> Ids { get; set; } = [];
    [JsonPropertyName("kinds")] public List<int> Kinds { get; set; } = [];
    [JsonPropertyName("loss")] public List<bool> Loss { get; set; } = [];
    [JsonPropertyName("log_probs")] public List<float> LogProbs { get; set; } = [];
    [JsonPropertyName("versions")] public List<int> Versions { get; set; } = [];
    [JsonPropertyName("entropies")] public List<float> Entropies { get; set; } = [];

    /// <summary>What each token is trained with; follows from the rest, and is not read back.</summary>
    [JsonPropertyName("advantages")] public List<double> Advantages { get; set; } = [];
}

/// <summary>A turn.</summary>
internal sealed class TurnRow
{
    [JsonPropertyName("index")] public int Index { get; set; }
    [JsonPropertyName("segment")] public int Segment { get; set; }
    [JsonPropertyName("kind")] public string Kind { get; set; } = "";
    [JsonPropertyName("start")] public int Start { get; set; }
    [JsonPropertyName("sampled_tokens")] public int SampledTokens { get; set; }
    [JsonPropertyName("context_tokens")] public int ContextTokens { get; set; }
    [JsonPropertyName("context_after")] public int ContextAfter { get; set; }
    [JsonPropertyName("finish")] public string Finish { get; set; } = "";
    [JsonPropertyName("text")] public string Text { get; set; } = "";
    [JsonPropertyName("tool_name")] public string? ToolName { get; set; }
    [JsonPropertyName("tool_arguments")] public string? ToolArguments { get; set; }
    [JsonPropertyName("call_status")] public string CallStatus { get; set; } = "";
    [JsonPropertyName("changed_state")] public bool ChangedState { get; set; }
    [JsonPropertyName("observation")] public string? Observation { get; set; }
    [JsonPropertyName("observation_cut")] public bool ObservationCut { get; set; }
    [JsonPropertyName("summary")] public string? Summary { get; set; }
    [JsonPropertyName("summary_fell_back")] public bool SummaryFellBack { get; set; }
    [JsonPropertyName("oracle")] public string? Oracle { get; set; }
    [JsonPropertyName("discarded")] public SegmentRow? Discarded { get; set; }
    [JsonPropertyName("generation_milliseconds")] public double GenerationMilliseconds { get; set; }
    [JsonPropertyName("tool_milliseconds")] public double ToolMilliseconds { get; set; }
}

/// <summary>Something that happened to the memory.</summary>
internal sealed class MemoryRow
{
    [JsonPropertyName("kind")] public string Kind { get; set; } = "";
    [JsonPropertyName("turn")] public int Turn { get; set; }
    [JsonPropertyName("index")] public string Index { get; set; } = "";
    [JsonPropertyName("content")] public string? Content { get; set; }
    [JsonPropertyName("content_tokens")] public int ContentTokens { get; set; }
}
