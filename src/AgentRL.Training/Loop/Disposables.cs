namespace AgentRL.Training.Loop;

/// <summary>What has been made on the way to something larger: disposed of, the newest first, unless that takes it over.</summary>
internal sealed class Disposables : IDisposable
{
    private readonly Stack<IDisposable> made = [];

    /// <summary>Notes a part.</summary>
    public T Add<T>(T part)
        where T : IDisposable
    {
        made.Push(part);
        return part;
    }

    /// <summary>Says that the whole owns its parts from here on.</summary>
    public T HandOver<T>(T whole)
    {
        made.Clear();
        return whole;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (made.TryPop(out var part)) part.Dispose();
    }
}
