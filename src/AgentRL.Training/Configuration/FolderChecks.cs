namespace AgentRL.Training.Configuration;

/// <summary>Checks that what a configuration starts from is there.</summary>
internal static class FolderChecks
{
    public static void Check(RunConfiguration configuration, FaultList faults)
    {
        if (configuration.Model.Path is { } model && !faults.IsFaulty("model.path") && !Directory.Exists(model))
        {
            faults.AddAt("model.path", $"there is no folder '{model}'", "a folder with config.json and safetensors (relative to the current folder)");
        }
        if (configuration.Tokenizer.Path is { } tokenizer && !faults.IsFaulty("tokenizer.path") && !File.Exists(tokenizer) && !Directory.Exists(tokenizer))
        {
            faults.AddAt("tokenizer.path", $"there is no file or folder '{tokenizer}'", "a tokenizer.json or its folder (relative to the current folder)");
        }
    }
}
