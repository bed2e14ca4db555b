using AgentRL.Archive.Tests.Memory;

// Only the tests of violent ends come in here; the test runner loads the assembly without.
return CommittingProcess.Run(args);
