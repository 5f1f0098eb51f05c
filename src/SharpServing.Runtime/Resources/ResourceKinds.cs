namespace SharpServing.Runtime.Resources;

/// <summary>Kinds of resources, by the C++ type names that TensorFlow's texts show.</summary>
public static class ResourceKinds
{
    public const string Variable = "N10tensorflow3VarE";
    public const string LegacyVariable = "N10tensorflow11LegacyVarE";
    public const string Table = "N10tensorflow6lookup15LookupInterfaceE";
}
