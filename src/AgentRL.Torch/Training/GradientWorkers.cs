using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>
/// Data parallelism inside a process: each worker is a .NET thread with its own leaf tensors over the same weights, so that gradients
/// add up apart from each other and there is no barrier inside an operation. Items are dealt out in a fixed order and gradients are added in a
/// fixed order: the result depends on the number of workers by rounding only, and not at all on timing.
/// </summary>
internal sealed class GradientWorkers : IDisposable
{
    private readonly TransformerPolicy _policy;
    private readonly TransformerPolicy[] _others;

    internal GradientWorkers(TransformerPolicy policy, int count)
    {
        _policy = policy;
        _others = new TransformerPolicy[count - 1];
        using IDisposable noGradient = no_grad();
        for (int i = 0; i < _others.Length; i++)
        {
            // A detached tensor shares its storage: what the optimizer writes, all workers see.
            _others[i] = new TransformerPolicy(policy.Config, policy.Names.ToDictionary(n => n, n => policy.Parameters[n].detach().DetachFromDisposeScope()));
        }
    }

    /// <summary>Runs the work on every item, item i on worker i modulo their number, and adds the gradients up in the policy.</summary>
    internal TResult[] Run<T, TResult>(IReadOnlyList<T> items, Func<TransformerPolicy, T, TResult> work)
    {
        TResult[] results = new TResult[items.Count];
        int workers = Math.Min(_others.Length + 1, Math.Max(1, items.Count));
        void Share(int worker)
        {
            for (int i = worker; i < items.Count; i += workers)
                results[i] = work(worker == 0 ? _policy : _others[worker - 1], items[i]);
        }
        if (workers == 1)
        {
            Share(0);
            return results;
        }
        bool gradients = is_grad_enabled();
        int threads = get_num_threads();
        Task[] tasks = [.. Enumerable.Range(1, workers - 1).Select(worker => Task.Factory.StartNew(() =>
        {
            // OpenMP keeps its number of threads per calling thread, and gradient mode is per thread too.
            set_num_threads(threads);
            using IDisposable? off = gradients ? null : no_grad();
            _others[worker - 1].WeightsChanged();
            Share(worker);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            Share(0);
        }
        finally
        {
            Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            AddUp();
        }
        Task.WhenAll(tasks).GetAwaiter().GetResult();
        return results;
    }

    public void Dispose()
    {
        foreach (TransformerPolicy p in _others)
            p.Dispose();
    }

    private void AddUp()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (TransformerPolicy other in _others)
        {
            foreach (string name in _policy.Names)
            {
                Tensor from = other.Parameters[name], to = _policy.Parameters[name];
                if (from.grad is not { } gradient)
                    continue;
                if (to.grad is { } sum)
                    sum.add_(gradient, HeldScalars.One);
                else
                    to.grad = gradient.clone();
                from.grad = null;
            }
        }
    }
}
