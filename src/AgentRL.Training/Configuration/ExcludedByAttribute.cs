namespace AgentRL.Training.Configuration;

/// <summary>
/// Says that a setting has no meaning when another setting of its section is given: giving both is a fault, and the resolved
/// configuration leaves it out.
/// </summary>
/// <param name="property">The property (of the same record) that excludes this one when it is not null.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ExcludedByAttribute(string property) : Attribute
{
    /// <summary>The excluding property's name.</summary>
    public string Property { get; } = property;
}
