using System.CommandLine;
using AgentRL.Environments;
using AgentRL.Training;
using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Envs;

/// <summary><c>agentrl envs</c>: the environments, what they ask for, and how an episode of them reads.</summary>
internal static class EnvsCommand
{
    public static Command Create(CliContext context)
    {
        var name = new Argument<string?>("NAME") { Description = "Show all of this environment, for example functions/scan_max.", Arity = ArgumentArity.ZeroOrOne };
        var rendering = new Option<string>("--rendering") { Description = "How observations read.", DefaultValueFactory = _ => SettingNames.Of(Rendering.Compact) };
        rendering.AcceptOnlyFromAmong(SettingNames.Of<Rendering>());
        var command = new Command("envs", "List the environments, each with tools, settings and a sample transcript.") { name, rendering };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var listing = new EnvironmentListing(context, SettingNames.Value<Rendering>(parsed.GetValue(rendering))!.Value);
            if (parsed.GetValue(name) is { } wanted) await listing.WriteDetailsAsync(Find(context.Catalog, wanted), cancellationToken);
            else await listing.WriteAllAsync(cancellationToken);
        });
        return command;
    }

    private static IEnvironmentDefinition Find(EnvironmentCatalog catalog, string name)
    {
        if (catalog.Find(name) is { } found) return found;
        var names = catalog.All.Select(d => d.Name).ToArray();
        var nearest = NearestName.FindPath(name, names) is { } near ? $"; did you mean {near}?" : "";
        throw new BadInputException($"no environment is named '{name}'; known are {string.Join(", ", names)}{nearest}");
    }
}
