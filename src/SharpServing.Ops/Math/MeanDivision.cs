using System.Numerics;
using System.Numerics.Tensors;
using SharpServing.Tensors;
using Tensor = SharpServing.Tensors.Tensor;

namespace SharpServing.Ops.Math;

/// <summary>The division of Mean: integers truncate towards zero, 0 / 0 of floats is NaN and of integers 0.</summary>
internal static class MeanDivision
{
    public static void Apply(Tensor sums, long count)
    {
        switch (sums.DType)
        {
            case DType.Float:
                TensorPrimitives.Divide(sums.Span<float>(), (float)count, sums.Span<float>());
                break;
            case DType.Double:
                TensorPrimitives.Divide(sums.Span<double>(), count, sums.Span<double>());
                break;
            case DType.Complex128:
                // 0 / 0 stays 0 here.
                TensorPrimitives.Divide(sums.Span<Complex>(), new Complex(System.Math.Max(count, 1), 0), sums.Span<Complex>());
                break;
            case DType.Int64:
                Integers<long>(sums, count);
                break;
            case DType.Int32:
                Integers<int>(sums, count);
                break;
            case DType.Int16:
                Integers<short>(sums, count);
                break;
            case DType.Int8:
                Integers<sbyte>(sums, count);
                break;
            case DType.UInt8:
                Integers<byte>(sums, count);
                break;
            case DType.UInt16:
                Integers<ushort>(sums, count);
                break;
            case DType.UInt32:
                Integers<uint>(sums, count);
                break;
            case DType.UInt64:
                Integers<ulong>(sums, count);
                break;
            default:
                throw new InvalidOperationException($"Mean of {sums.DType}");
        }
    }

    private static void Integers<T>(Tensor sums, long count)
        where T : unmanaged, IBinaryInteger<T>
    {
        Span<T> values = sums.Span<T>();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = count == 0 ? T.Zero : values[i] / T.CreateTruncating(count);
        }
    }
}
