namespace SharpServing.Ops.Math;

/// <summary>Which reduction; decides whether to divide.</summary>
internal enum ReductionKind
{
    Sum,
    Mean,
    Prod,
    Max,
    Min,
}
