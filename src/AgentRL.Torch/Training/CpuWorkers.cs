using System.Runtime.InteropServices;
using AgentRL.Cpu.Models;
using AgentRL.Cpu.Training;
using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>
/// A policy's weights packed for the CPU kernels, and threads that work on micro-batches with them, each with its own activations. Which worker does what
/// is settled beforehand, so that results do not depend on timing. Workers wait for each other only at the end.
/// </summary>
internal sealed class CpuWorkers : IDisposable
{
    private readonly TransformerPolicy _policy;
    private readonly TrainingPass[] _passes;

    internal CpuWorkers(TransformerPolicy policy, int count)
    {
        _policy = policy;
        CpuModelShape shape = policy.Config.CpuShape();
        Weights = new TrainingWeights(shape);
        _passes = [.. Enumerable.Range(0, count).Select(_ => new TrainingPass(shape))];
    }

    /// <summary>Whether the CPU kernels can compute a policy.</summary>
    internal static bool Fits(TransformerPolicy policy) => policy.Type == ScalarType.Float32 && policy.Device.type == DeviceType.CPU;

    /// <summary>The weights, as of the last <see cref="Import"/>.</summary>
    internal TrainingWeights Weights { get; }

    /// <summary>The policy they are of.</summary>
    internal TransformerPolicy Policy => _policy;

    /// <summary>Takes over the policy's present weights. Milliseconds for small models, so there is no need to find out whether they have changed.</summary>
    internal void Import()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Weights.Import(name => MemoryMarshal.Cast<byte, float>(_policy.Parameters[name].detach().contiguous().bytes));
    }

    /// <summary>
    /// Runs the work on every item: worker, its pass, item. Items are dealt out by their costs, the dearest first, each to the worker with the least to do; a
    /// worker does its own in that order.
    /// </summary>
    internal void Run<T>(IReadOnlyList<T> items, Func<T, long> cost, Action<int, TrainingPass, T> work)
    {
        List<T>[] shares = [.. Enumerable.Range(0, Math.Min(_passes.Length, items.Count)).Select(_ => new List<T>())];
        long[] load = new long[shares.Length];
        foreach ((T item, long price) in items.Select(i => (i, cost(i))).OrderByDescending(i => i.Item2))
        {
            int worker = Array.IndexOf(load, load.Min());
            shares[worker].Add(item);
            load[worker] += price;
        }
        void Share(int worker)
        {
            foreach (T item in shares[worker])
                work(worker, _passes[worker], item);
        }
        int threads = get_num_threads();
        Task[] others = [.. Enumerable.Range(1, Math.Max(0, shares.Length - 1)).Select(worker => Task.Factory.StartNew(() =>
        {
            set_num_threads(threads); // the tensor library keeps it per calling thread
            Share(worker);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            if (shares.Length > 0)
                Share(0);
        }
        finally
        {
            Task.WhenAll(others).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        }
        Task.WhenAll(others).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        foreach (TrainingPass pass in _passes)
            pass.Dispose();
        Weights.Dispose();
    }
}
