using AgentRL.Training.Loop;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Plots;

/// <summary>The pictures of a run.</summary>
internal static class RunPlots
{
    /// <summary>Draws all pictures into the run's folder.</summary>
    /// <returns>Their paths.</returns>
    public static IReadOnlyList<string> Draw(RunDirectory run, RunResult result)
    {
        Directory.CreateDirectory(run.Plots);
        var sweep = Path.Combine(run.Plots, "sweep.png");
        SweepPlot.Draw(result.Sweep, result.TrainRounds, sweep);
        var learning = Path.Combine(run.Plots, "learning.png");
        var memory = Path.Combine(run.Plots, "memory.png");
        return
        [
            sweep,
            .. LearningPlot.Draw(run.Metrics, result, learning) ? (string[])[learning] : [],
            .. MemoryPlot.Draw(run.Metrics, memory) ? (string[])[memory] : [],
        ];
    }
}
