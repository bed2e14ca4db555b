namespace AgentRL.Tests.Fakes;

/// <summary>A clock that moves when it is told to.</summary>
internal sealed class HandMovedTime : TimeProvider
{
    private long now;

    public override long TimestampFrequency => 1000;

    public void Move(int milliseconds) => now += milliseconds;

    public override long GetTimestamp() => now;
}
