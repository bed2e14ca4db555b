using AgentRL.Cli.Progress;
using AgentRL.Training.Reporting;
using Spectre.Console;

namespace AgentRL.Cli.Tests;

public sealed class ReporterTests
{
    private static readonly RunSummary Summary = new(
        [("success after warm start", "18 %"), ("success", "96 %")],
        new ReportTable(["split", "rounds", "success"], [["eval", "4", "96 %"], ["long", "16", "88 %"]]),
        ["runs/quick/plots/sweep.png"]);

    [Fact]
    public void Plain_output_has_a_line_every_tenth_or_15_seconds_and_one_at_the_end()
    {
        var time = new ManualTime();
        var output = new StringWriter();
        using (var reporter = new PlainReporter(output, time))
        {
            reporter.Stage("warm start", 100);
            Run(reporter, time, 1, 100, TimeSpan.FromSeconds(0.5), "loss");
            reporter.Message("checkpoint at step 100");
            reporter.Stage("training", 100, 98);
            Run(reporter, time, 99, 100, TimeSpan.FromSeconds(40), "success");
            reporter.Stage("slow", 1000);
            Run(reporter, time, 1, 4, TimeSpan.FromSeconds(10), "success");
            reporter.Stage("fast", 1000);
            Run(reporter, time, 1, 1000, TimeSpan.FromMilliseconds(1), "success");
            reporter.Summary(Summary);
        }
        Approved.Matches("reporter-plain", output.ToString());
    }

    [Fact]
    public void Live_output_shows_stages_highlights_messages_and_the_summary()
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = 120;
        var time = new ManualTime();
        using (var reporter = new LiveReporter(console, time))
        {
            reporter.Stage("warm [start]", 10);
            Run(reporter, time, 1, 10, TimeSpan.FromSeconds(1), "loss");
            reporter.Message("a [message]");
            reporter.Stage("training", 0);
            reporter.Step(1, []);
            reporter.Summary(Summary);
        }
        foreach (var text in new[] { "warm [start]", "10/10", "took 10 s", "loss 0.1", "a [message]", "training", "success after warm start", "96 %", "runs/quick/plots/sweep.png" })
            Assert.Contains(text, output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_live_reporter_that_never_began_ends_quietly()
    {
        using var reporter = new LiveReporter(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(new StringWriter()) }), new ManualTime());
        reporter.Step(1, []);
    }

    [Theory]
    [InlineData(0.84, "0.8 s")]
    [InlineData(42, "42 s")]
    [InlineData(185, "3:05")]
    [InlineData(3725, "1:02:05")]
    public void Durations_are_short(double seconds, string text) => Assert.Equal(text, ReportText.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.98765, "0.988")]
    [InlineData(12.5, "12.5")]
    [InlineData(4096, "4096")]
    [InlineData(1234567, "1.23e+6")]
    [InlineData(0.00012, "1.20e-4")]
    [InlineData(double.NaN, "NaN")]
    public void Numbers_are_short(double value, string text) => Assert.Equal(text, ReportText.Number(value));

    private static void Run(IRunReporter reporter, ManualTime time, int first, int last, TimeSpan perStep, string highlight)
    {
        for (var step = first; step <= last; step++)
        {
            time.Advance(perStep);
            reporter.Step(step, [(highlight, 1.0 / step)]);
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref now);

        public void Advance(TimeSpan time) => Interlocked.Add(ref now, time.Ticks);
    }
}
