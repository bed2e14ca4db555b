using System.Runtime.ExceptionServices;

namespace AgentRL.Rollouts;

/// <summary>
/// Keeps an engine at work on a thread of its own, while its caller steps environments: neither waits for the other. Which requests are in a batch
/// together depends on timing here, so the engine's results must not depend on that.
/// </summary>
/// <remarks>The engine belongs to this one until it is disposed, and is left without requests then. For one caller, as every engine.</remarks>
public sealed class BackgroundEngine : IGenerationEngine
{
    private readonly record struct Order(GenerationRequest? Request, long SequenceId, long Ticket);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly IGenerationEngine engine;
    private readonly Thread thread;
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<long, long> outstanding = [];
    private readonly Dictionary<long, long> served = []; // the engine's thread alone
    private readonly Lock gate = new();
    private readonly AutoResetEvent ordered = new(false), stepped = new(false);
    private List<Order> orders = [], taken = [];
    private List<(GenerationResult Result, long Ticket)> results = [];
    private ExceptionDispatchInfo? fault;
    private long tickets;

    /// <summary>Puts an engine that has no requests to work.</summary>
    public BackgroundEngine(IGenerationEngine engine)
    {
        this.engine = engine;
        thread = new Thread(Work) { Name = "generation", IsBackground = true };
        thread.Start();
    }

    /// <inheritdoc/>
    public int PolicyVersion => engine.PolicyVersion;

    /// <inheritdoc/>
    public int MaximumContext => engine.MaximumContext;

    /// <inheritdoc/>
    public int Pending => outstanding.Count;

    /// <inheritdoc/>
    public void Submit(GenerationRequest request)
    {
        var ticket = ++tickets;
        outstanding[request.SequenceId] = ticket;
        Give(new Order(request, request.SequenceId, ticket));
    }

    /// <inheritdoc/>
    public void Release(long sequenceId)
    {
        outstanding.Remove(sequenceId); // a result on its way has an old ticket, and is dropped
        Give(new Order(null, sequenceId, 0));
    }

    /// <summary>Waits for the engine's next step and returns what has finished meanwhile (often none).</summary>
    public IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        if (outstanding.Count == 0) return [];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<(GenerationResult Result, long Ticket)> finished;
            lock (gate)
            {
                fault?.Throw();
                (finished, results) = (results, []);
            }
            var wanted = finished.Where(f => outstanding.TryGetValue(f.Result.SequenceId, out var ticket) && ticket == f.Ticket).Select(f => f.Result).ToList();
            foreach (var result in wanted) outstanding.Remove(result.SequenceId);
            if (wanted.Count > 0 || stepped.WaitOne(Glance)) return wanted;
        }
    }

    /// <summary>Gives the engine back, without requests.</summary>
    public void Dispose()
    {
        if (stop.IsCancellationRequested) return;
        foreach (var id in outstanding.Keys.ToArray()) Release(id);
        stop.Cancel();
        ordered.Set();
        thread.Join();
        Obey();
        ordered.Dispose();
        stepped.Dispose();
        stop.Dispose();
    }

    private void Give(Order order)
    {
        lock (gate) orders.Add(order);
        ordered.Set();
    }

    private void Work()
    {
        try
        {
            while (true)
            {
                Obey();
                if (stop.IsCancellationRequested) return;
                if (engine.Pending == 0)
                {
                    ordered.WaitOne();
                    continue;
                }
                var finished = engine.Advance(stop.Token);
                if (finished.Count > 0)
                {
                    lock (gate)
                    {
                        foreach (var result in finished) results.Add((result, served.GetValueOrDefault(result.SequenceId)));
                    }
                }
                stepped.Set();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            lock (gate) fault = ExceptionDispatchInfo.Capture(e);
            stepped.Set();
        }
    }

    /// <summary>Passes on what was asked for since the last step, in the same order.</summary>
    private void Obey()
    {
        lock (gate) (orders, taken) = (taken, orders);
        foreach (var (request, id, ticket) in taken)
        {
            if (request is null)
            {
                engine.Release(id);
                continue;
            }
            served[id] = ticket;
            engine.Submit(request);
        }
        taken.Clear();
    }
}
