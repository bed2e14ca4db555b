using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Tests.Fakes;

/// <summary>Drives one machine by hand, and remembers all that was sampled.</summary>
internal sealed class Play(IEnvironment environment, ContextOptions options, IChatTemplate? template = null)
{
    public static EpisodeKey Key { get; } = new("test", 1, 2, 3);

    public EnvironmentLink Link { get; } = new(environment);

    public IChatTemplate Template { get; } = template ?? new ToyTemplate();

    public List<(MachineRequest.Generate Request, GenerationResult Result)> Sampled { get; } = [];

    public EpisodeMachine Machine { get; private set; } = null!;

    /// <summary>Blocks that the memory begins with.</summary>
    public IReadOnlyList<(string Index, string Content)> Experience { get; init; } = [];

    public EpisodeMachine Begin() => Machine = new EpisodeMachine(
        EpisodeStart.In(environment, Key) with { Experience = [.. Experience.Select(b => new ExperienceBlock(b.Index, b.Content, new BlockOrigin("earlier", 0, 0, 0, 1)))] }, Template, options);

    /// <summary>Runs to the end; the policy answers each request.</summary>
    public Episode Run(Func<MachineRequest.Generate, GenerationResult> policy)
    {
        Begin();
        while (Machine.Next is not MachineRequest.Done) Step(policy);
        return Machine.ToEpisode();
    }

    /// <summary>Runs to the end; the policy writes texts, one a turn, of which the last is repeated.</summary>
    public Episode Run(params string[] turns) => Run(request => Say(turns[Math.Min(request.TurnIndex, turns.Length - 1)], request));

    /// <summary>Answers one request.</summary>
    public void Step(Func<MachineRequest.Generate, GenerationResult> policy)
    {
        switch (Machine.Next)
        {
            case MachineRequest.Generate request:
                var result = policy(request);
                Sampled.Add((request, result));
                Machine.Generated(result);
                break;
            case MachineRequest.CallTool call:
                var step = Link.BeginAsync(call, CancellationToken.None);
                Assert.True(step.IsCompletedSuccessfully);
                Machine.Observed(step.Result, environment.Result);
                break;
            default:
                Assert.True(Link.TryAnswer(Machine));
                break;
        }
    }

    /// <summary>A turn from text, with log-probabilities that tell tokens apart: turn.position.</summary>
    public GenerationResult Say(string text, MachineRequest.Generate request)
    {
        var ids = Template.RenderTurn(text);
        var cut = ids.Length > request.MaxNewTokens;
        if (cut) ids = ids[..request.MaxNewTokens];
        return Result(ids, cut ? FinishReason.Length : FinishReason.Stop, request);
    }

    public static GenerationResult Result(int[] ids, FinishReason finish, MachineRequest.Generate request) =>
        new(0, ids, [.. ids.Select((_, i) => LogProb(request.TurnIndex, i))], finish, PolicyVersion: 7) { Entropies = [.. ids.Select((_, i) => Entropy(request.TurnIndex, i))] };

    public static float Entropy(int turn, int position) => turn + 1 + (position / 500f);

    public static float LogProb(int turn, int position) => -(turn + 1) - (position / 1000f);
}
