using AgentRL.Trust.Tests.Endings;
using AgentRL.Trust.Tests.Soak;

// experiments/trust/run.sh comes in here, and the processes that are killed; the test runner loads the assembly without.
return args switch
{
    ["child", .. var rest] => await KilledProcess.RunAsync(rest),
    ["kills", .. var rest] => await KillCommand.RunAsync(rest),
    ["soak", .. var rest] => SoakCommand.Run(rest),
    _ => 2,
};
