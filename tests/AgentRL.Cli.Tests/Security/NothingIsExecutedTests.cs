using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace AgentRL.Cli.Tests.Security;

/// <summary>
/// What is read can only be executed by code that can execute something: the assemblies of this project refer to none of what starts a program, loads an assembly, compiles, or makes an
/// object of a type that a file names.
/// </summary>
public sealed class NothingIsExecutedTests
{
    private static readonly string[] Forbidden =
    [
        "System.Diagnostics.Process.Start", "System.Reflection.Assembly.Load", "System.Reflection.Assembly.LoadFrom", "System.Reflection.Assembly.LoadFile", "System.Reflection.Assembly.UnsafeLoadFrom",
        "System.Runtime.InteropServices.NativeLibrary.Load", "System.Type.GetType", "System.AppDomain.", "System.Runtime.Loader.AssemblyLoadContext.", "System.Reflection.Emit.",
        "System.Runtime.Serialization.", "System.Xml.Serialization.", "System.Linq.Expressions.Expression`1.Compile", "Microsoft.CodeAnalysis.", "LiteDB.BsonMapper.", "TorchSharp.torch.load", "TorchSharp.torch/jit.",
        "YamlDotNet.Serialization.",
    ];

    /// <summary>Exceptions of the rule, each with its reason.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["System.Type.GetTypeFromHandle"] = "what typeof compiles to",
        ["System.Type.GetTypeCode"] = "asks what a type is",
        ["System.Diagnostics.Process.Start"] = "sweep runs this same program, and asks git for the commit",
        ["System.Diagnostics.ProcessStartInfo..ctor"] = "the same",
    };

    public static TheoryData<string> Assemblies =>
        ["AgentRL", "AgentRL.Torch", "AgentRL.Cpu", "AgentRL.Archive", "AgentRL.Training", "AgentRL.Inspector", "AgentRL.Envs.Functions", "AgentRL.Envs.Household", "AgentRL.Cli"];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_refers_to_nothing_that_executes_what_was_read(string name)
    {
        var members = Members(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        Assert.True(members.Count > 10);
        Assert.DoesNotContain(members, m => !Allowed.ContainsKey(m) && Forbidden.Any(f => m.StartsWith(f, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_search_finds_what_it_looks_for() =>
        Assert.Contains(Members(typeof(NothingIsExecutedTests).Assembly.Location), m => m.StartsWith("System.Diagnostics.Process.Start", StringComparison.Ordinal));

    /// <summary>There is no door for plug-ins: environments are those that the program was built with, and a configuration can name no other.</summary>
    [Fact]
    public void Every_assembly_that_holds_an_environment_is_referenced_by_the_program()
    {
        var referenced = typeof(Catalog).Assembly.GetReferencedAssemblies().Select(a => a.Name).ToHashSet();
        Assert.All(Catalog.Default.All, d => Assert.Contains(d.GetType().Assembly.GetName().Name, referenced));
    }

    private static HashSet<string> Members(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var members = new HashSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (TypeOf(metadata, member.Parent) is { } type) members.Add($"{type}.{metadata.GetString(member.Name)}");
        }
        return members;
    }

    private static string? TypeOf(MetadataReader metadata, EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeSpecification)
        {
            // A generic type: behind the kind and one more byte stands the coded token of its definition.
            var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
            if (signature.ReadByte() != (byte)SignatureTypeCode.GenericTypeInstance) return null;
            signature.ReadByte();
            handle = signature.ReadTypeHandle();
        }
        if (handle.Kind != HandleKind.TypeReference) return null;
        var type = metadata.GetTypeReference((TypeReferenceHandle)handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference ? $"{TypeOf(metadata, type.ResolutionScope)}/{name}" : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}
