using AgentRL.Archive.Tests;
using AgentRL.Archive.Tests.Memory;

// Only the tests of violent ends come in here; the test runner loads the assembly without.
return args[0] == ArchivingProcess.Argument ? ArchivingProcess.Run(args) : CommittingProcess.Run(args);
