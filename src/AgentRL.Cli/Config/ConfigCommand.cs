using System.CommandLine;
using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Config;

/// <summary><c>agentrl config</c>: checks configurations, and prints the reference of all settings.</summary>
internal static class ConfigCommand
{
    public static Command Create(CliContext context) => new("config", "Check a configuration, or print the reference of all settings.") { CreateCheck(context), CreateReference(context) };

    private static Command CreateCheck(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The configuration (YAML)." };
        var set = SharedOptions.Set();
        var resolved = new Option<bool>("--resolved") { Description = "Print the configuration with every setting, as a run would keep it." };
        var command = new Command("check", "List all faults of a configuration, or say what it amounts to.") { file, set, resolved };
        command.SetAction(parsed =>
        {
            var configuration = ConfigurationLoader.Load(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set), context.Catalog);
            if (parsed.GetValue(resolved)) context.Out.Write(ConfigurationWriter.Write(configuration));
            else ConfigurationDigest.Write(parsed.GetRequiredValue(file), configuration, context.Out);
        });
        return command;
    }

    private static Command CreateReference(CliContext context)
    {
        var command = new Command("reference", "Print the page of all settings (Markdown).");
        command.SetAction(_ => context.Out.Write(ConfigurationReference.Markdown()));
        return command;
    }
}
