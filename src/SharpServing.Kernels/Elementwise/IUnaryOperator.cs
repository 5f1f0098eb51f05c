using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>y = f(x) for one element and for a vector of elements. Stateless; all forms give the same answer.</summary>
/// <remarks>The vector forms are only called where <see cref="IsVectorizable"/> holds and <see cref="Vector512{T}"/> supports the element type.</remarks>
public interface IUnaryOperator<T>
    where T : unmanaged
{
    /// <summary>False: only the scalar form exists.</summary>
    static virtual bool IsVectorizable => true;

    static abstract T Invoke(T x);

    static virtual Vector128<T> Invoke(Vector128<T> x) => throw new NotSupportedException();

    static virtual Vector256<T> Invoke(Vector256<T> x) => throw new NotSupportedException();

    static virtual Vector512<T> Invoke(Vector512<T> x) => throw new NotSupportedException();
}
