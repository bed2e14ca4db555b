namespace AgentRL.Rollouts;

/// <summary>
/// A thread's turn at driving episodes. While it is inside an environment, which may never come back, whoever watches can take the episodes away from it: the
/// thread then finds that it has lost them, and touches nothing any more. Entering and leaving cost an exchange of an integer each.
/// </summary>
internal sealed class Shift
{
    private const int Outside = 0, Inside = 1, Lost = 2;

    private int state;
    private long calls;
    private long seen = -1;
    private int glances;

    /// <summary>The episode whose environment is being called.</summary>
    public RunningEpisode? Episode { get; private set; }

    /// <summary>Whether that is a tool, rather than the environment's creation, state or restoring.</summary>
    public bool IsTool { get; private set; }

    /// <summary>Whether it has ended by itself.</summary>
    public bool IsOver { get; set; }

    /// <summary>What ended it, where it did not end well.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Calls an environment.</summary>
    /// <exception cref="ShiftLostException">The call took so long that somebody else goes on with the episodes.</exception>
    public T Call<TArgument, T>(RunningEpisode episode, bool isTool, TArgument argument, Func<TArgument, T> call)
    {
        (Episode, IsTool) = (episode, isTool);
        calls++;
        Volatile.Write(ref state, Inside);
        T result;
        try
        {
            result = call(argument);
        }
        catch
        {
            Leave();
            throw;
        }
        Leave();
        return result;
    }

    /// <summary>For the watcher, at regular intervals: takes the episodes away where the same call has lasted for so many of them.</summary>
    public bool TryTakeOver(int intervals)
    {
        if (Volatile.Read(ref state) != Inside) return false;
        var now = Interlocked.Read(ref calls);
        glances = now == seen ? glances + 1 : 0;
        seen = now;
        return glances >= intervals && Interlocked.CompareExchange(ref state, Lost, Inside) == Inside;
    }

    private void Leave()
    {
        if (Interlocked.CompareExchange(ref state, Outside, Inside) != Inside) throw new ShiftLostException();
    }
}

/// <summary>Ends a thread that came back from an environment too late.</summary>
internal sealed class ShiftLostException : Exception;
