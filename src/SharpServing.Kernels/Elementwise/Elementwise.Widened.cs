using SharpServing.Tensors;

namespace SharpServing.Kernels;

/// <content>Half and bfloat16 through float32 operators: each result is rounded once.</content>
public static unsafe partial class Elementwise
{
    private const int WidenedBlock = 1024;

    /// <summary>dst[i] = round(f(src[i])); <typeparamref name="T"/> is Half or <see cref="BFloat16"/>.</summary>
    public static void UnaryWidened<TOp, T>(ReadOnlySpan<T> src, Span<T> dst)
        where TOp : struct, IUnaryOperator<float>
        where T : unmanaged
    {
        CheckLength(src.Length, dst.Length);
        CheckNarrow<T>();
        Span<float> block = stackalloc float[WidenedBlock];
        for (int i = 0; i < src.Length; i += WidenedBlock)
        {
            int count = Math.Min(WidenedBlock, src.Length - i);
            fixed (T* s = src[i..], d = dst[i..])
            fixed (float* b = block)
            {
                FloatConvert.WidenTo(s, b, count);
                VectorLoop.Unary<TOp, float>(b, b, count);
                FloatConvert.Narrow(b, d, count);
            }
        }
    }

    /// <summary>NumPy broadcasting; <typeparamref name="T"/> is Half or <see cref="BFloat16"/>.</summary>
    public static void BinaryWidened<TOp, T>(ReadOnlySpan<T> a, in Shape aShape, ReadOnlySpan<T> b, in Shape bShape, Span<T> dst, in Shape dstShape)
        where TOp : struct, IBinaryOperator<float>
        where T : unmanaged
    {
        CheckNarrow<T>();
        if (dst.IsEmpty)
        {
            return;
        }

        using var left = new Scratch<float>(a.Length);
        using var right = new Scratch<float>(b.Length);
        using var result = new Scratch<float>(dst.Length);
        fixed (T* pa = a, pb = b, pd = dst)
        {
            FloatConvert.WidenTo(pa, left.Data, a.Length);
            FloatConvert.WidenTo(pb, right.Data, b.Length);
            Binary<TOp, float>(
                new ReadOnlySpan<float>(left.Data, a.Length),
                aShape,
                new ReadOnlySpan<float>(right.Data, b.Length),
                bShape,
                new Span<float>(result.Data, dst.Length),
                dstShape);
            FloatConvert.Narrow(result.Data, pd, dst.Length);
        }
    }

    private static void CheckNarrow<T>()
        where T : unmanaged
    {
        if (!FloatConvert.IsNarrow<T>())
        {
            throw new NotSupportedException($"{typeof(T).Name} is neither Half nor BFloat16.");
        }
    }
}
