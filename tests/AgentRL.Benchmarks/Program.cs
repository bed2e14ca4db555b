using AgentRL.Benchmarks;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/AgentRL.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(Memory).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, KernelConfig.Create());
