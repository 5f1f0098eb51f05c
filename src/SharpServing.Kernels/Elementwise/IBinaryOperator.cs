using System.Runtime.Intrinsics;

namespace SharpServing.Kernels;

/// <summary>z = f(x, y) for one element and for a vector of elements. Stateless; all forms give the same answer.</summary>
/// <remarks>The vector forms are only called where <see cref="IsVectorizable"/> holds and <see cref="Vector512{T}"/> supports the element type.</remarks>
public interface IBinaryOperator<T>
    where T : unmanaged
{
    /// <summary>False: only the scalar form exists.</summary>
    static virtual bool IsVectorizable => true;

    static abstract T Invoke(T x, T y);

    static virtual Vector128<T> Invoke(Vector128<T> x, Vector128<T> y) => throw new NotSupportedException();

    static virtual Vector256<T> Invoke(Vector256<T> x, Vector256<T> y) => throw new NotSupportedException();

    static virtual Vector512<T> Invoke(Vector512<T> x, Vector512<T> y) => throw new NotSupportedException();
}
