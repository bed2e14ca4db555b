namespace AgentRL.Cpu.Tests.Support;

/// <summary>A test of what only Linux does or tells.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux()) Skip = "only Linux has this";
    }
}
