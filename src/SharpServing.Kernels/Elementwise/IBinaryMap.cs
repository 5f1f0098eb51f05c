namespace SharpServing.Kernels;

/// <summary>z = f(x, y) with an output type of its own (comparisons, Complex). Scalar only.</summary>
public interface IBinaryMap<TIn, TOut>
    where TIn : unmanaged
    where TOut : unmanaged
{
    static abstract TOut Invoke(TIn x, TIn y);
}
