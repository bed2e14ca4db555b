using AgentRL.Cli;

using var interruption = new Interruption(Console.Error);
return await CommandLine.RunAsync(args, CliContext.OfThisProcess(), interruption.Token);
