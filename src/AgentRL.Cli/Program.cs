using AgentRL.Cli;

using var interruption = new Interruption(Console.Error, hasWork: !args.Contains("--web"));
return await CommandLine.RunAsync(args, CliContext.OfThisProcess(), interruption.Token);
