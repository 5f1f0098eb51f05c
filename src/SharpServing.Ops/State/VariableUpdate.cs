using SharpServing.Tensors;
using Complex = System.Numerics.Complex;

namespace SharpServing.Ops.State;

/// <summary>value + change and value - change for the dtypes variables may have; shapes are equal.</summary>
internal static class VariableUpdate
{
    /// <returns><see langword="null"/>: no such kernel.</returns>
    public static Action<Tensor, Tensor, Tensor>? For(DType type, bool subtract) =>
        type switch
        {
            DType.Float => Numbers<float>(subtract),
            DType.Double => Numbers<double>(subtract),
            DType.Int32 => Numbers<int>(subtract),
            DType.Int64 => Numbers<long>(subtract),
            DType.Int16 => Numbers<short>(subtract),
            DType.Int8 => Numbers<sbyte>(subtract),
            DType.UInt8 => Numbers<byte>(subtract),
            DType.UInt16 => Numbers<ushort>(subtract),
            DType.UInt32 => Numbers<uint>(subtract),
            DType.UInt64 => Numbers<ulong>(subtract),
            DType.Half => Numbers<Half>(subtract),
            DType.Complex128 => Numbers<Complex>(subtract),
            _ => null,
        };

    private static Action<Tensor, Tensor, Tensor> Numbers<T>(bool subtract)
        where T : unmanaged, System.Numerics.INumberBase<T> =>
        (value, change, target) =>
        {
            Span<T> a = value.Span<T>();
            Span<T> b = change.Span<T>();
            Span<T> c = target.Span<T>();
            for (int i = 0; i < c.Length; i++)
            {
                c[i] = unchecked(subtract ? a[i] - b[i] : a[i] + b[i]);
            }
        };
}
