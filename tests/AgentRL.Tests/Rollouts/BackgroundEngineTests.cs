using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Rollouts;

public class BackgroundEngineTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void Its_caller_goes_on_while_the_engine_is_in_the_middle_of_a_step()
    {
        using var caller = new ManualResetEventSlim();
        using var engine = new ScriptedEngine(r => new Reply([(int)r.SequenceId])) { OnAdvance = _ => Assert.True(caller.Wait(Long)) };
        using var background = new BackgroundEngine(engine);
        background.Submit(Request(1));
        background.Submit(Request(2)); // the first step cannot end before this line is left
        Assert.Equal(2, background.Pending);
        caller.Set();
        Assert.Equal([1L, 2L], Drain(background).Select(r => r.SequenceId).Order());
        Assert.Equal(0, background.Pending);
    }

    [Fact]
    public void What_was_on_its_way_for_a_sequence_that_begins_again_is_dropped()
    {
        using var engine = new ScriptedEngine(r => new Reply([r.Context.Span[0]])) { ReleaseWhilePending = true };
        using var background = new BackgroundEngine(engine);
        for (var round = 0; round < 200; round++)
        {
            background.Submit(Request(5, token: 1));
            if (round % 2 == 0) Thread.Yield(); // sometimes the answer is there already, sometimes not
            background.Release(5);
            background.Submit(Request(5, token: 2));
            Assert.Equal([2], Assert.Single(Drain(background)).Ids);
            background.Release(5);
        }
    }

    [Fact]
    public void A_fault_of_the_engine_reaches_the_caller_as_it_was()
    {
        using var engine = new ScriptedEngine(_ => new Reply([1])) { ReleaseWhilePending = true, OnAdvance = _ => throw new InvalidDataException("engine gone") };
        using var background = new BackgroundEngine(engine);
        background.Submit(Request(1));
        var fault = Assert.Throws<InvalidDataException>(() => Drain(background));
        Assert.Equal("engine gone", fault.Message);
    }

    [Fact]
    public void A_caller_that_waits_for_a_step_can_be_cancelled()
    {
        using var end = new ManualResetEventSlim();
        using var engine = new ScriptedEngine(_ => new Reply([1])) { ReleaseWhilePending = true, OnAdvance = _ => end.Wait(Long) };
        using var background = new BackgroundEngine(engine);
        background.Submit(Request(1));
        using var cancel = new CancellationTokenSource();
        cancel.CancelAfter(20);
        Assert.Throws<OperationCanceledException>(() => Drain(background, cancel.Token));
        end.Set();
    }

    [Fact]
    public void The_engine_is_given_back_without_requests_or_sequences()
    {
        using var engine = new ScriptedEngine(_ => new Reply([1], Delay: 1_000_000)) { ReleaseWhilePending = true };
        using (var background = new BackgroundEngine(engine))
        {
            for (var i = 0; i < 50; i++) background.Submit(Request(i));
        }
        Assert.Equal(0, engine.Pending);
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void Failed_or_not_a_caller_can_dispose_it_twice()
    {
        using var engine = new ScriptedEngine(_ => new Reply([1])) { ReleaseWhilePending = true, OnAdvance = _ => throw new InvalidDataException() };
        var background = new BackgroundEngine(engine);
        background.Submit(Request(1));
        background.Dispose();
        background.Dispose();
        Assert.Empty(engine.Open);
    }

    private static List<GenerationResult> Drain(BackgroundEngine engine, CancellationToken cancellationToken = default)
    {
        List<GenerationResult> all = [];
        while (engine.Pending > 0) all.AddRange(engine.Advance(cancellationToken));
        return all;
    }

    private static GenerationRequest Request(long id, int token = 1) => new()
    {
        SequenceId = id,
        Context = new[] { token },
        StopIds = [],
        MaxNewTokens = 1,
        Sampling = Sampling.Greedy,
        Stream = RandomStream.Root(1, "test"),
    };
}
