namespace SharpServing.Serving;

/// <summary>Which of the versions found under a base path are aspired.</summary>
public abstract record ServableVersionPolicy
{
    /// <summary>The newest version only, the default.</summary>
    public static readonly ServableVersionPolicy Default = new Latest(1);

    private ServableVersionPolicy()
    {
    }

    /// <summary>The <paramref name="Count"/> highest versions; 0 means 1.</summary>
    public sealed record Latest(long Count) : ServableVersionPolicy;

    /// <summary>Every version found.</summary>
    public sealed record All : ServableVersionPolicy;

    /// <summary>The versions named; those not found are left out with a warning. An empty list aspires nothing.</summary>
    public sealed record Specific(IReadOnlyList<long> Versions) : ServableVersionPolicy;
}
