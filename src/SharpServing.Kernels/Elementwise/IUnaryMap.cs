namespace SharpServing.Kernels;

/// <summary>y = f(x) with an output type of its own (casts, IsNan, complex parts). Scalar only.</summary>
public interface IUnaryMap<TIn, TOut>
    where TIn : unmanaged
    where TOut : unmanaged
{
    static abstract TOut Invoke(TIn x);
}
