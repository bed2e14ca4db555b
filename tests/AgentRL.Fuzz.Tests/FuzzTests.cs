using System.Text;
using AgentRL.Randomness;

namespace AgentRL.Fuzz.Tests;

/// <summary>The quick form of fuzzing: the first inputs of a fixed seed. The long form is the project AgentRL.Fuzz itself.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 2000;

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_parser_accepts_or_refuses_with_a_place_whatever_it_reads(string name)
    {
        var report = new FuzzRunner(seed: 2, Environment.ProcessorCount).Run(FuzzTargets.Named([name])[0], 0, Inputs);
        Assert.True(report.Failed == 0, string.Join('\n', report.Failures));
        Assert.Equal(Inputs, report.Inputs);
        // Inputs that are all refused at the first byte, or all fine, would show nothing.
        Assert.InRange(report.Accepted, Inputs / 100, Inputs);
        Assert.InRange(report.Refused, Inputs / 100, Inputs);
    }

    [Fact]
    public void An_input_is_a_function_of_seed_parser_and_number_alone()
    {
        foreach (var name in FuzzTargets.Names)
        {
            var (a, b) = (FuzzTargets.Named([name])[0], FuzzTargets.Named([name])[0]);
            for (var i = 0; i < 50; i++) Assert.Equal(new FuzzRunner(7, 1).Make(a, i), new FuzzRunner(7, 4).Make(b, i));
            Assert.NotEqual(new FuzzRunner(7, 1).Make(a, 3), new FuzzRunner(8, 1).Make(a, 3));
        }
    }

    [Theory]
    [InlineData("throws", "InvalidOperationException: boom")]
    [InlineData("says nothing", "names no place")]
    [InlineData("allocates", "made it allocate")]
    [InlineData("breaks", "BrokenPromiseException")]
    public void A_broken_promise_is_a_failure_with_the_number_of_its_input(string how, string fault)
    {
        var report = new FuzzRunner(1, 2).Run(new FakeTarget(how), 100, 200);
        Assert.Equal((200L, 1L), (report.Inputs, report.Failed));
        Assert.Equal((100L, 99L), (report.Accepted, report.Refused));
        var failure = Assert.Single(report.Failures);
        Assert.Equal(177, failure.Index);
        Assert.Contains(fault, failure.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_is_read_or_refused()
    {
        var options = FuzzOptions.Parse(["--inputs", "5", "--only", "tasks", "--only", "archives", "--seed", "9", "--from", "7"]);
        Assert.Equal((5L, 9L, 7L), (options.Inputs, options.Seed, options.From));
        Assert.Equal(["archives", "tasks"], FuzzTargets.Named(options.Only).Select(t => t.Name));
        Assert.Throws<FormatException>(() => FuzzOptions.Parse(["--inputs", "-5"]));
        Assert.Throws<FormatException>(() => FuzzOptions.Parse(["--inputs"]));
        Assert.Throws<FormatException>(() => FuzzOptions.Parse(["--what", "5"]));
        Assert.Throws<FormatException>(() => FuzzTargets.Named(["nothing"]));
    }

    /// <summary>Its input is its own number (by its counter of draws); 177 goes wrong, even ones are accepted.</summary>
    private sealed class FakeTarget(string how) : FuzzTarget
    {
        private static readonly Dictionary<string, int> Numbers = Enumerable.Range(100, 200).ToDictionary(i => Draw(RandomStream.Root(1, "fake").Derive(i).Sequence()));

        public override string Name => "fake";

        public override byte[] Make(RandomSequence random) => Encoding.ASCII.GetBytes(Draw(random));

        public override string? Read(byte[] input, string folder)
        {
            var number = Numbers[Encoding.ASCII.GetString(input)];
            if (number != 177) return number % 2 == 0 ? null : "at 3: bad";
            switch (how)
            {
                case "throws": throw new InvalidOperationException("boom");
                case "breaks": throw new BrokenPromiseException("no");
                case "says nothing": return "bad";
                default: return new byte[2_000_000].Length > 0 ? "at 3: bad" : null;
            }
        }

        public override bool NamesPlace(string refusal) => refusal.StartsWith("at ", StringComparison.Ordinal);

        public override long Budget(byte[] input) => 1_000_000;

        private static string Draw(RandomSequence random) => $"{random.NextInt(0, int.MaxValue)}";
    }
}
