using AgentRL.Environments;

namespace AgentRL.Envs.Functions;

/// <summary>
/// What the games share: <c>observe()</c>, <c>done(answer)</c>, snapshots, wording, and the oracle state. A game declares its texts, its
/// own tools, its answer and its solver, and keeps what its tools change in one immutable <see cref="State"/>.
/// </summary>
/// <remarks>
/// The oracle is a solver that looks over the policy's shoulder: whenever the policy makes the call that the solver would make
/// next, the solver takes the observation too. Its memory is thus what a perfect summary would hold.
/// </remarks>
internal abstract class FunctionEnvironment(FunctionInstance instance) : ToolEnvironment
{
    private IReadOnlyList<EnvironmentTool>? tools;
    private FunctionSolver? oracle;

    /// <summary>The checked parameters.</summary>
    protected FunctionInstance Instance { get; } = instance;

    public sealed override string TaskId => Instance.TaskId;

    public sealed override string SystemText => Instance.Text(Title, $"{Explanation} The data are hidden: you learn about them only by calling tools, one call at a time. "
        + "Keep track of your progress, because older messages may be replaced by a summary that you write. "
        + "When you know the answer, call done with it; this ends the task, and there is no second try.");

    public sealed override IReadOnlyList<EnvironmentTool> Tools => tools ??= [.. OwnTools(), ObserveTool(), DoneTool()];

    public sealed override string OracleState => MemoryField.Render(Oracle.Memory);

    /// <summary>The whole content as text, visible and hidden, whatever the rendering.</summary>
    internal abstract string Content { get; }

    /// <summary>The game in a word or two: the compact system text.</summary>
    protected abstract string Title { get; }

    /// <summary>The game explained in full sentences.</summary>
    protected abstract string Explanation { get; }

    /// <summary>Whether a whole number, handed in now, is right.</summary>
    protected virtual bool IsRight(long answer) => false;

    /// <summary>Whether a text, handed in now, is right, where <see cref="AnswerParameter"/> asks for one.</summary>
    protected virtual bool IsRight(string answer) => false;

    /// <summary>What <c>done</c> takes.</summary>
    protected virtual ToolParameter AnswerParameter { get; } = new("answer", ToolParameterType.Integer, "the answer");

    /// <summary>The tools beside <c>observe</c> and <c>done</c>, made with <see cref="Tool"/>.</summary>
    protected abstract IEnumerable<EnvironmentTool> OwnTools();

    /// <summary>What <c>observe()</c> says: never hidden data that no call has shown.</summary>
    protected abstract Observation Observe();

    /// <summary>A fresh solver.</summary>
    protected abstract FunctionSolver NewSolver();

    /// <summary>What calls change; null in games whose tools are stateless.</summary>
    protected virtual object? State { get => null; set { } }

    public sealed override IReferenceSolver CreateSolver() => NewSolver();

    public sealed override object Snapshot() => new Saved(this, Result, Oracle.Copy(), State);

    public sealed override void Restore(object snapshot)
    {
        if (snapshot is not Saved saved || saved.Owner != this) throw new ArgumentException("no snapshot of this environment", nameof(snapshot));
        (Result, oracle, State) = (saved.Result, saved.Oracle.Copy(), saved.State);
    }

    /// <summary>Declares a tool; its observations get noise in the verbose rendering.</summary>
    protected EnvironmentTool Tool(string name, string description, ToolParameter[] parameters, bool changesState, Func<ToolArguments, Observation> run) =>
        new(name, description, parameters, changesState, arguments =>
        {
            var expected = Oracle.Expects(name, arguments);
            var observation = run(arguments);
            if (observation.Status == CallStatus.Ok && Instance.Rendering == Rendering.Verbose)
            {
                var call = $"{name}({string.Join(',', parameters.Select(p => $"{p.Name}={ValueOf(p, arguments)}"))})";
                observation = observation with { Text = observation.Text + Wording.Noise(Instance.Noise(call)) };
            }
            if (expected) Oracle.Observe(observation);
            return observation;
        });

    /// <summary>An integer parameter of a tool.</summary>
    protected static ToolParameter Number(string name, string description, long minimum, long maximum) =>
        new(name, ToolParameterType.Integer, description, minimum, maximum);

    /// <summary>A position of the window as a parameter.</summary>
    protected ToolParameter Position(string name = "i") => Number(name, "a position", Instance.From, Instance.To);

    /// <summary>An observation in the instance's rendering.</summary>
    protected Observation Say(string compact, string verbose, CallStatus status = CallStatus.Ok) => new(Instance.Text(compact, verbose), status);

    private static string ValueOf(ToolParameter p, ToolArguments arguments) =>
        p.Type == ToolParameterType.Text ? arguments.Text(p.Name) : $"{arguments.Integer(p.Name)}";

    private FunctionSolver Oracle => oracle ??= NewSolver();

    private EnvironmentTool ObserveTool() => Tool("observe", "Tells where the task stands on the server.", [], changesState: false, _ => Observe());

    private EnvironmentTool DoneTool() => Tool("done", "Hands in the answer and ends the task.",
        [AnswerParameter], changesState: true, arguments =>
        {
            Result = EnvironmentResult.Answered(AnswerParameter.Type == ToolParameterType.Text
                ? IsRight(arguments.Text("answer"))
                : IsRight(arguments.Integer("answer")));
            return Say("ok", "Your answer has been recorded.");
        });

    private sealed record Saved(FunctionEnvironment Owner, EnvironmentResult Result, FunctionSolver Oracle, object? State);
}
