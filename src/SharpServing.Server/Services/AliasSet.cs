namespace SharpServing.Server.Services;

/// <summary>Names as the original's error texts list them.</summary>
internal static class AliasSet
{
    /// <summary>Sorted by their bytes, joined by commas.</summary>
    public static string Format(IEnumerable<string> aliases) => string.Join(',', aliases.Order(StringComparer.Ordinal));
}
