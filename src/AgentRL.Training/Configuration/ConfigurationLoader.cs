using AgentRL.Environments;
using YamlDotNet.Core;

namespace AgentRL.Training.Configuration;

/// <summary>Reads configurations. Whatever is wrong is reported at once, with the line it is on, and before anything is created.</summary>
public static class ConfigurationLoader
{
    /// <summary>Reads and checks a configuration file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Settings that replace the file's, as <c>a.b=c</c>; the later of two wins.</param>
    /// <param name="catalog">The environments that tasks may name.</param>
    /// <returns>The configuration with every setting resolved, those of the environments included.</returns>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static RunConfiguration Load(string path, IEnumerable<string> overrides, EnvironmentCatalog catalog) =>
        Read(path, overrides, catalog, foldersMustExist: true);

    /// <summary>
    /// Reads the resolved configuration that a run keeps. As <see cref="Load"/>, but folders that the run started from may be gone: their
    /// content is in the run.
    /// </summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Settings that replace the file's, as <c>a.b=c</c>; the later of two wins.</param>
    /// <param name="catalog">The environments that tasks may name.</param>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static RunConfiguration LoadResolved(string path, IEnumerable<string> overrides, EnvironmentCatalog catalog) =>
        Read(path, overrides, catalog, foldersMustExist: false);

    private static RunConfiguration Read(string path, IEnumerable<string> overrides, EnvironmentCatalog catalog, bool foldersMustExist)
    {
        var faults = new FaultList(path);
        var root = Parse(path, faults);
        if (root is null) throw new ConfigurationException(faults.Ordered);
        var ordinal = 0;
        foreach (var text in overrides) ConfigurationOverride.Apply(root, text, ++ordinal, faults);
        var configuration = new ConfigurationBinder(faults).Bind<RunConfiguration>(root);
        configuration = EnvironmentChecks.CheckAndResolve(configuration, catalog, faults);
        ConsistencyChecks.Check(configuration, faults);
        if (foldersMustExist) FolderChecks.Check(configuration, faults);
        return faults.Any ? throw new ConfigurationException(faults.Ordered) : configuration;
    }

    /// <summary>The document of a file; null, with faults, where there is none.</summary>
    internal static YamlSection? Parse(string path, FaultList faults)
    {
        try
        {
            var root = YamlReader.Read(File.ReadAllText(path), mark => new Origin(path, (int)mark.Line, (int)mark.Column));
            if (root is null or YamlText { IsNull: true }) return new YamlSection(new Origin(path, 1), []);
            if (root is YamlSection section) return section;
            faults.Add(root.Origin, "", $"the file is {root.Describe()}", "sections of settings, such as training:");
        }
        catch (YamlException e)
        {
            var noticed = e.End.Line > e.Start.Line ? $" (noticed on line {e.End.Line})" : "";
            faults.Add(new Origin(path, (int)e.Start.Line, (int)e.Start.Column), "", $"this is no YAML: {e.Message.TrimEnd('.')}{noticed}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            faults.Add(new Origin(path, 0), "", "there is no such file", "a YAML file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(new Origin(path, 0), "", $"cannot be read: {e.Message}", "a YAML file");
        }
        return null;
    }
}
