namespace SharpServing.Ops.Parsing;

/// <summary>As what a feature is asked for.</summary>
internal enum FeatureRole
{
    Dense,
    Sparse,
    Ragged,
}
