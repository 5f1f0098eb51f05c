namespace SharpServing.Kernels;

/// <summary>Work on a range of items. Unmanaged, so that a parallel loop allocates nothing: pointers and numbers only.</summary>
public interface IRangeBody
{
    /// <summary>Computes items <paramref name="start"/> to <paramref name="end"/> (exclusive); any thread, any order.</summary>
    void Run(long start, long end);
}
