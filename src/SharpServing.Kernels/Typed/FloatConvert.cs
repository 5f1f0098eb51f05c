using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>Between float32 and the 16-bit types: exact to float32, rounded to nearest even back.</summary>
public static unsafe class FloatConvert
{
    public static void ToFloat(ReadOnlySpan<Half> source, Span<float> target) => TensorPrimitives.ConvertToSingle(source, target);

    public static void FromFloat(ReadOnlySpan<float> source, Span<Half> target) => TensorPrimitives.ConvertToHalf(source, target);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToFloat(ReadOnlySpan<BFloat16> source, Span<float> target)
    {
        target = target[..source.Length];
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (float)source[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromFloat(ReadOnlySpan<float> source, Span<BFloat16> target)
    {
        target = target[..source.Length];
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (BFloat16)source[i];
        }
    }

    /// <summary>True for the types that compute in float32: half and bfloat16.</summary>
    internal static bool IsNarrow<T>() => typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);

    /// <summary>A copy of <paramref name="count"/> half or bfloat16 numbers in float32; release it.</summary>
    internal static TensorBuffer Widen<T>(T* source, long count)
        where T : unmanaged
    {
        TensorBuffer buffer = TensorAllocator.Shared.Allocate(count * sizeof(float));
        WidenTo(source, (float*)buffer.Address, count);
        return buffer;
    }

    /// <summary>Half or bfloat16 numbers in float32.</summary>
    internal static void WidenTo<T>(T* source, float* target, long count)
        where T : unmanaged
    {
        var to = new Span<float>(target, checked((int)count));
        if (typeof(T) == typeof(Half))
        {
            ToFloat(new ReadOnlySpan<Half>(source, (int)count), to);
        }
        else
        {
            ToFloat(new ReadOnlySpan<BFloat16>(source, (int)count), to);
        }
    }

    /// <summary>Rounds float32 numbers to half or bfloat16.</summary>
    internal static void Narrow<T>(float* source, T* target, long count)
        where T : unmanaged
    {
        var from = new ReadOnlySpan<float>(source, checked((int)count));
        if (typeof(T) == typeof(Half))
        {
            FromFloat(from, new Span<Half>(target, (int)count));
        }
        else
        {
            FromFloat(from, new Span<BFloat16>(target, (int)count));
        }
    }
}
