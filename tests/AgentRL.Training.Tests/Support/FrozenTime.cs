namespace AgentRL.Training.Tests.Support;

/// <summary>A clock that stands still: every measured time is 0, and files named after the time have one name.</summary>
internal sealed class FrozenTime : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public override long GetTimestamp() => 0;
}
