using System.Numerics;
using System.Numerics.Tensors;
using SharpServing.Kernels;
using SharpServing.Ops.Array;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using Tensor = SharpServing.Tensors.Tensor;

namespace SharpServing.Ops.Math;

/// <summary>Which reduction; decides the value of an empty one and whether to divide.</summary>
internal enum Reduction
{
    Sum,
    Mean,
    Prod,
    Max,
    Min,
    All,
    Any,
}

/// <summary>Combines elements; associative.</summary>
internal interface IFold<T>
    where T : unmanaged
{
    static abstract T Identity { get; }

    /// <summary>All elements of a run.</summary>
    static abstract T Run(ReadOnlySpan<T> values);

    /// <summary>target[i] = combine(target[i], values[i]).</summary>
    static abstract void Into(Span<T> target, ReadOnlySpan<T> values);
}

/// <summary>Addition, in blocks: the error grows with the logarithm of the length.</summary>
internal readonly struct SumFold<T> : IFold<T>
    where T : unmanaged, INumberBase<T>
{
    public static T Identity => T.Zero;

    public static T Run(ReadOnlySpan<T> values) =>
        values.Length <= 4096 ? TensorPrimitives.Sum(values) : unchecked(Run(values[..(values.Length / 2)]) + Run(values[(values.Length / 2)..]));

    public static void Into(Span<T> target, ReadOnlySpan<T> values) => TensorPrimitives.Add(target, values, target);
}

/// <summary>Multiplication.</summary>
internal readonly struct ProdFold<T> : IFold<T>
    where T : unmanaged, INumberBase<T>
{
    public static T Identity => T.One;

    public static T Run(ReadOnlySpan<T> values) => values.IsEmpty ? T.One : TensorPrimitives.Product(values);

    public static void Into(Span<T> target, ReadOnlySpan<T> values) => TensorPrimitives.Multiply(target, values, target);
}

/// <summary>The largest; NaN wins; nothing: -infinity or the smallest integer.</summary>
internal readonly struct MaxFold<T> : IFold<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static T Identity => typeof(T) == typeof(float) ? T.CreateTruncating(float.NegativeInfinity)
        : typeof(T) == typeof(double) ? T.CreateTruncating(double.NegativeInfinity) : T.MinValue;

    public static T Run(ReadOnlySpan<T> values)
    {
        T best = Identity;
        int i = 0;
        if (Vector<T>.IsSupported && values.Length >= Vector<T>.Count)
        {
            var wide = new Vector<T>(values);
            for (i = Vector<T>.Count; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                wide = Combine(wide, new Vector<T>(values[i..]));
            }

            best = wide[0];
            for (int lane = 1; lane < Vector<T>.Count; lane++)
            {
                best = MaximumOperator<T>.Invoke(best, wide[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            best = MaximumOperator<T>.Invoke(best, values[i]);
        }

        return best;
    }

    public static void Into(Span<T> target, ReadOnlySpan<T> values)
    {
        int i = 0;
        for (; Vector<T>.IsSupported && i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Combine(new Vector<T>(target[i..]), new Vector<T>(values[i..])).CopyTo(target[i..]);
        }

        for (; i < values.Length; i++)
        {
            target[i] = MaximumOperator<T>.Invoke(target[i], values[i]);
        }
    }

    private static Vector<T> Combine(Vector<T> x, Vector<T> y) =>
        Vector.ConditionalSelect(Vector.GreaterThan(x, y) | ~Vector.Equals(x, x), x, y);
}

/// <summary>The smallest; NaN wins; nothing: +infinity or the largest integer.</summary>
internal readonly struct MinFold<T> : IFold<T>
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public static T Identity => typeof(T) == typeof(float) ? T.CreateTruncating(float.PositiveInfinity)
        : typeof(T) == typeof(double) ? T.CreateTruncating(double.PositiveInfinity) : T.MaxValue;

    public static T Run(ReadOnlySpan<T> values)
    {
        T best = Identity;
        int i = 0;
        if (Vector<T>.IsSupported && values.Length >= Vector<T>.Count)
        {
            var wide = new Vector<T>(values);
            for (i = Vector<T>.Count; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                wide = Combine(wide, new Vector<T>(values[i..]));
            }

            best = wide[0];
            for (int lane = 1; lane < Vector<T>.Count; lane++)
            {
                best = MinimumOperator<T>.Invoke(best, wide[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            best = MinimumOperator<T>.Invoke(best, values[i]);
        }

        return best;
    }

    public static void Into(Span<T> target, ReadOnlySpan<T> values)
    {
        int i = 0;
        for (; Vector<T>.IsSupported && i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Combine(new Vector<T>(target[i..]), new Vector<T>(values[i..])).CopyTo(target[i..]);
        }

        for (; i < values.Length; i++)
        {
            target[i] = MinimumOperator<T>.Invoke(target[i], values[i]);
        }
    }

    private static Vector<T> Combine(Vector<T> x, Vector<T> y) =>
        Vector.ConditionalSelect(Vector.LessThan(x, y) | ~Vector.Equals(x, x), x, y);
}

/// <summary>True when all are; on bytes 0 and 1.</summary>
internal readonly struct AllFold : IFold<byte>
{
    public static byte Identity => 1;

    public static byte Run(ReadOnlySpan<byte> values) => values.Contains((byte)0) ? (byte)0 : (byte)1;

    public static void Into(Span<byte> target, ReadOnlySpan<byte> values) => TensorPrimitives.BitwiseAnd(target, values, target);
}

/// <summary>True when any is; on bytes 0 and 1.</summary>
internal readonly struct AnyFold : IFold<byte>
{
    public static byte Identity => 0;

    public static byte Run(ReadOnlySpan<byte> values) => values.IndexOfAnyExcept((byte)0) >= 0 ? (byte)1 : (byte)0;

    public static void Into(Span<byte> target, ReadOnlySpan<byte> values) => TensorPrimitives.BitwiseOr(target, values, target);
}

/// <summary>The axes of a reduction and the shape of its answer.</summary>
internal readonly ref struct ReductionAxes
{
    private ReductionAxes(Shape result, ReadOnlySpan<bool> reduced)
    {
        Result = result;
        Reduced = reduced;
    }

    public Shape Result { get; }

    public ReadOnlySpan<bool> Reduced { get; }

    /// <exception cref="StatusException">INVALID_ARGUMENT with TensorFlow's text.</exception>
    public static ReductionAxes Read(Tensor input, Tensor axes, bool keepDims, Span<bool> reduced)
    {
        // Axes of any rank are read flat.
        reduced.Clear();
        for (long i = 0; i < axes.ElementCount; i++)
        {
            long given = IndexInput.At(axes, i);
            if (given < -input.Rank || given >= input.Rank)
            {
                throw StatusException.InvalidArgument($"Invalid reduction dimension ({given} for input with {input.Rank} dimension(s)");
            }

            int axis = (int)(given < 0 ? given + input.Rank : given);
            if (reduced[axis])
            {
                throw StatusException.InvalidArgument($"Invalid reduction arguments: Axes contains duplicate dimension: {axis}");
            }

            reduced[axis] = true;
        }

        Span<long> sizes = stackalloc long[input.Rank];
        int rank = 0;
        for (int i = 0; i < input.Rank; i++)
        {
            if (!reduced[i])
            {
                sizes[rank++] = input.Shape[i];
            }
            else if (keepDims)
            {
                sizes[rank++] = 1;
            }
        }

        return new ReductionAxes(new Shape(sizes[..rank]), reduced);
    }
}

/// <summary>Reduces over any set of axes: first to [outer, reduce, inner] form (by a transpose where axes alternate), then run by run.</summary>
internal sealed class ReduceKernel<T, TFold> : OpKernel
    where T : unmanaged
    where TFold : struct, IFold<T>
{
    private readonly Reduction _kind;
    private readonly bool _keepDims;

    public ReduceKernel(KernelBuilder builder, Reduction kind)
    {
        _kind = kind;
        _keepDims = builder.Attributes.Bool("keep_dims");
    }

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        bool narrow = input.DType is DType.Half or DType.BFloat16;
        Span<bool> reduced = stackalloc bool[input.Rank];
        ReductionAxes axes = ReductionAxes.Read(input, context.Input(1), _keepDims, reduced);
        if (!reduced.Contains(true))
        {
            context.ForwardReshaped(0, 0, axes.Result);
            return;
        }

        Tensor source = narrow ? BFloat16Bridge.Widen(input) : input.AddRef();
        Tensor ordered = Arrange(source, reduced, out long outer, out long count, out long inner);
        source.Release();
        Tensor target = narrow ? Tensor.Allocate(DType.Float, axes.Result) : context.Allocate(0, axes.Result);
        Fold(ordered.Span<T>(), target.Span<T>(), outer, count, inner);
        ordered.Release();
        if (_kind == Reduction.Mean)
        {
            if (narrow && input.DType == DType.Half)
            {
                // The sum is a half before it is divided: large ones are infinite.
                RoundToHalf(target.Span<float>());
            }

            MeanDivision.Apply(target, count);
        }

        if (narrow)
        {
            BFloat16Bridge.Narrow(target.Span<float>(), context.Allocate(0, axes.Result));
            target.Release();
        }
    }

    private static void RoundToHalf(Span<float> values)
    {
        foreach (ref float value in values)
        {
            value = (float)(Half)value;
        }
    }

    public static void Fold(ReadOnlySpan<T> source, Span<T> target, long outer, long count, long inner)
    {
        if (target.IsEmpty)
        {
            return;
        }

        if (count == 0)
        {
            target.Fill(TFold.Identity);
            return;
        }

        if (inner == 1)
        {
            for (long o = 0; o < outer; o++)
            {
                target[(int)o] = TFold.Run(source.Slice((int)(o * count), (int)count));
            }

            return;
        }

        for (long o = 0; o < outer; o++)
        {
            Span<T> row = target.Slice((int)(o * inner), (int)inner);
            ReadOnlySpan<T> block = source.Slice((int)(o * count * inner), (int)(count * inner));
            block[..(int)inner].CopyTo(row);
            for (long r = 1; r < count; r++)
            {
                TFold.Into(row, block.Slice((int)(r * inner), (int)inner));
            }
        }
    }

    /// <summary>One reference to the input, transposed where that brings the reduced axes together.</summary>
    public static Tensor Arrange(Tensor input, ReadOnlySpan<bool> reduced, out long outer, out long count, out long inner)
    {
        int rank = input.Rank;
        int first = reduced.IndexOf(true);
        int last = reduced.LastIndexOf(true);
        bool together = !reduced[first..(last + 1)].Contains(false);
        outer = count = inner = 1;
        if (together)
        {
            outer = input.Shape.CountOf(0, first);
            count = input.Shape.CountOf(first, last + 1);
            inner = input.Shape.CountOf(last + 1, rank);
            return input.AddRef();
        }

        Span<int> perm = stackalloc int[rank];
        int at = 0;
        for (int i = 0; i < rank; i++)
        {
            if (!reduced[i])
            {
                perm[at++] = i;
                outer *= input.Shape[i];
            }
        }

        for (int i = 0; i < rank; i++)
        {
            if (reduced[i])
            {
                perm[at++] = i;
                count *= input.Shape[i];
            }
        }

        return TransposeOps.Permute(input, perm);
    }
}

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

/// <summary>Mean of integers narrower than 64 bits: the sum does not wrap.</summary>
internal sealed class NarrowIntegerMeanKernel<T>(KernelBuilder builder) : OpKernel
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly bool _keepDims = builder.Attributes.Bool("keep_dims");

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        Span<bool> reduced = stackalloc bool[input.Rank];
        ReductionAxes axes = ReductionAxes.Read(input, context.Input(1), _keepDims, reduced);
        if (!reduced.Contains(true))
        {
            context.ForwardReshaped(0, 0, axes.Result);
            return;
        }

        Tensor wide = Tensor.Allocate(DType.Int64, input.Shape);
        TensorPrimitives.ConvertTruncating<T, long>(input.Span<T>(), wide.Span<long>());
        Tensor ordered = ReduceKernel<long, SumFold<long>>.Arrange(wide, reduced, out long outer, out long count, out long inner);
        wide.Release();
        Tensor sums = Tensor.Allocate(DType.Int64, axes.Result);
        ReduceKernel<long, SumFold<long>>.Fold(ordered.Span<long>(), sums.Span<long>(), outer, count, inner);
        ordered.Release();
        MeanDivision.Apply(sums, count);
        TensorPrimitives.ConvertTruncating<long, T>(sums.Span<long>(), context.Allocate(0, axes.Result).Span<T>());
        sums.Release();
    }
}

/// <summary>Reductions of complex64, in double precision.</summary>
internal sealed class Complex64ReduceKernel(KernelBuilder builder, Reduction kind) : OpKernel
{
    private readonly bool _keepDims = builder.Attributes.Bool("keep_dims");

    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        Span<bool> reduced = stackalloc bool[input.Rank];
        ReductionAxes axes = ReductionAxes.Read(input, context.Input(1), _keepDims, reduced);
        if (kind is not (Reduction.Sum or Reduction.Mean or Reduction.Prod))
        {
            throw StatusException.Unimplemented("This reduction has no kernel for complex64");
        }

        var sums = new Complex[axes.Result.ElementCount];
        System.Array.Fill(sums, kind == Reduction.Prod ? Complex.One : Complex.Zero);
        ReadOnlySpan<Complex64> source = input.Span<Complex64>();
        for (int i = 0; i < source.Length; i++)
        {
            long flat = i;
            long target = 0;
            long pitch = 1;
            for (int d = input.Rank - 1; d >= 0; d--)
            {
                long at = flat % input.Shape[d];
                flat /= input.Shape[d];
                if (!reduced[d])
                {
                    target += at * pitch;
                    pitch *= input.Shape[d];
                }
            }

            sums[target] = kind == Reduction.Prod ? sums[target] * (Complex)source[i] : sums[target] + (Complex)source[i];
        }

        double count = sums.Length == 0 ? 1 : System.Math.Max(1, source.Length / (double)sums.Length);
        Span<Complex64> result = context.Allocate(0, axes.Result).Span<Complex64>();
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (Complex64)(kind == Reduction.Mean ? sums[i] / count : sums[i]);
        }
    }
}

/// <summary>Index of the largest or smallest element along an axis: the first of equals; NaN never wins.</summary>
internal sealed class ArgKernel<T>(bool max) : OpKernel
    where T : unmanaged, INumber<T>
{
    public override void Compute(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor axisInput = context.Input(1);
        if (axisInput.Rank != 0)
        {
            throw StatusException.InvalidArgument($"dim must be a scalar, but received tensor of shape: {axisInput.Shape}");
        }

        long given = IndexInput.Scalar(axisInput);
        long axis = given < 0 ? given + input.Rank : given;
        if (axis < 0 || axis >= input.Rank)
        {
            throw StatusException.InvalidArgument($"Expected dimension in the range [{-input.Rank}, {input.Rank}), but got {given}");
        }

        long size = input.Shape[(int)axis];
        if (size == 0)
        {
            throw StatusException.InvalidArgument($"Reduction axis {given} is empty in shape {input.Shape}");
        }

        if (input.Rank > 7)
        {
            throw StatusException.InvalidArgument(
                $"Argmax and Argmin only support up to 7 input dimensions, but got {input.Rank}. Inputs shape: {input.Shape}");
        }

        long outer = input.Shape.CountOf(0, (int)axis);
        long inner = input.Shape.CountOf((int)axis + 1, input.Rank);
        Span<long> sizes = stackalloc long[input.Rank - 1];
        input.Shape.Dimensions[..(int)axis].CopyTo(sizes);
        input.Shape.Dimensions[((int)axis + 1)..].CopyTo(sizes[(int)axis..]);
        Tensor wide = input.DType is DType.Half or DType.BFloat16 ? BFloat16Bridge.Widen(input) : input.AddRef();
        ReadOnlySpan<T> values = wide.Span<T>();
        long[] found = new long[outer * inner];
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
            {
                long start = (o * size * inner) + i;
                long best = 0;
                T bestValue = values[(int)start];
                for (long n = 1; n < size; n++)
                {
                    T value = values[(int)(start + (n * inner))];
                    if ((max ? value > bestValue : value < bestValue) || (T.IsNaN(bestValue) && !T.IsNaN(value)))
                    {
                        best = n;
                        bestValue = value;
                    }
                }

                found[(o * inner) + i] = best;
            }
        }

        wide.Release();
        var shape = new Shape(sizes);
        if (context.OutputType(0) is DType.Int32 or DType.Int64)
        {
            context.SetOutput(0, IndexInput.Make(context.OutputType(0), found, shape));
            return;
        }

        Tensor result = context.Allocate(0, shape);
        for (int i = 0; i < found.Length; i++)
        {
            result.Span<short>()[i] = unchecked((short)found[i]);
        }
    }
}
