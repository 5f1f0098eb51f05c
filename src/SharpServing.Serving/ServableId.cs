namespace SharpServing.Serving;

/// <summary>One version of one servable stream.</summary>
public readonly record struct ServableId(string Name, long Version)
{
    /// <summary>As the original's log lines and texts print it.</summary>
    public override string ToString() => $"{{name: {Name} version: {Version}}}";
}
