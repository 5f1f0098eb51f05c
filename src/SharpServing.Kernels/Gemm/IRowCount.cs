namespace SharpServing.Kernels;

/// <summary>A row count as a type: the compiler drops the rows that a kernel does not have.</summary>
internal interface IRowCount
{
    static abstract int Count { get; }
}
