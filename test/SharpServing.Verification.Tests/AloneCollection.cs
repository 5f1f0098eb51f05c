namespace SharpServing.Verification.Tests;

/// <summary>Tests that measure what the whole process shares (pools of memory): nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
