using AgentRL.Environments;
using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Play;

/// <summary>The settings of a game without a configuration: like the quickstart's, so that a person meets what the small policy meets.</summary>
internal static class PlayDefaults
{
    /// <summary>The configuration of a game.</summary>
    /// <param name="environment">Name of the environment.</param>
    /// <param name="set">Settings that replace these.</param>
    /// <param name="catalog">Known environments.</param>
    public static RunConfiguration For(string environment, IReadOnlyList<string> set, EnvironmentCatalog catalog)
    {
        var folder = Directory.CreateTempSubdirectory("agentrl-play-");
        var file = Path.Combine(folder.FullName, "play.yaml");
        File.WriteAllText(file, $"""
            environment:
              tasks:
                - name: {environment}
            context:
              working_context: 160
              max_rounds: 8
              max_turns: 400
              max_turn_tokens: 48
              max_summary_tokens: 32
              max_observation_tokens: 24
              summarize_instruction: summarize

            """);
        try
        {
            return ConfigurationLoader.Load(file, set, catalog);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
