using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <summary>Between float32 and the 16-bit types: exact to float32, rounded to nearest even back.</summary>
public static unsafe class FloatConvert
{
    public static void ToFloat(ReadOnlySpan<Half> source, Span<float> target) => TensorPrimitives.ConvertToSingle(source, target);

    public static void FromFloat(ReadOnlySpan<float> source, Span<Half> target) => TensorPrimitives.ConvertToHalf(source, target);

    public static void ToFloat(ReadOnlySpan<BFloat16> source, Span<float> target)
    {
        ReadOnlySpan<ushort> narrow = MemoryMarshal.Cast<BFloat16, ushort>(source);
        Span<uint> wide = MemoryMarshal.Cast<float, uint>(target[..source.Length]);
        int i = 0;
        for (; i <= narrow.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(narrow[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(wide[i..]);
            (high << 16).CopyTo(wide[(i + Vector<uint>.Count)..]);
        }

        for (; i < narrow.Length; i++)
        {
            wide[i] = (uint)narrow[i] << 16;
        }
    }

    public static void FromFloat(ReadOnlySpan<float> source, Span<BFloat16> target)
    {
        ReadOnlySpan<uint> wide = MemoryMarshal.Cast<float, uint>(source);
        Span<ushort> narrow = MemoryMarshal.Cast<BFloat16, ushort>(target[..source.Length]);
        int i = 0;
        for (; i <= wide.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Narrow(Round(new Vector<uint>(wide[i..])), Round(new Vector<uint>(wide[(i + Vector<uint>.Count)..]))).CopyTo(narrow[i..]);
        }

        for (; i < wide.Length; i++)
        {
            narrow[i] = ((BFloat16)source[i]).Bits;
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

    /// <summary>The conversion of <see cref="BFloat16"/> on bits: the result in the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Round(Vector<uint> bits)
    {
        Vector<uint> upper = bits >> 16;
        Vector<uint> nan = (upper & new Vector<uint>(0x8000)) | new Vector<uint>(0x7FC0);
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One)) >> 16;
        return Vector.ConditionalSelect(Vector.GreaterThan(bits & new Vector<uint>(0x7FFFFFFF), new Vector<uint>(0x7F800000)), nan, rounded);
    }
}
