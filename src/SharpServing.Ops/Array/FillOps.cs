using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Tensors made of one value: Fill, ZerosLike, OnesLike, OneHot.</summary>
internal static class FillOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Fill", ShapeFunctions.FromSizes, Fill);
        registry.Add("ZerosLike", ShapeFunctions.Unchanged, static context => context.SetOutput(0, Tensor.Zeros(context.Input(0).DType, context.Input(0).Shape)));
        registry.Add("OnesLike", ShapeFunctions.Unchanged, OnesLike);
        registry.Add("OneHot", FillShapes.OneHot, MakeOneHot);
        registry.Add("InvertPermutation", ShapeFunctions.Unchanged, InvertPermutation);
    }

    /// <summary>The number one in a plain dtype.</summary>
    public static Tensor One(DType type)
    {
        Tensor one = Tensor.Allocate(type, Shape.Scalar);
        switch (type)
        {
            case DType.Float:
                one.Span<float>()[0] = 1;
                break;
            case DType.Double:
                one.Span<double>()[0] = 1;
                break;
            case DType.Half:
                one.Span<Half>()[0] = Half.One;
                break;
            case DType.BFloat16:
                one.Span<BFloat16>()[0] = (BFloat16)1f;
                break;
            case DType.Complex64:
                one.Span<Complex64>()[0] = new Complex64(1, 0);
                break;
            case DType.Complex128:
                one.Span<System.Numerics.Complex>()[0] = System.Numerics.Complex.One;
                break;
            default:
                one.Bytes.Clear();
                one.Bytes[0] = 1;
                break;
        }

        return one;
    }

    private static void Fill(OpContext context)
    {
        Tensor sizes = context.Input(0);
        Tensor value = context.Input(1);
        if (sizes.Rank > 1 || (sizes.Rank == 0 && sizes.ElementCount != 1))
        {
            throw StatusException.InvalidArgument($"dims must represent a vector, got shape {sizes.Shape}");
        }

        if (value.Rank > 1 || value.ElementCount != 1)
        {
            throw StatusException.InvalidArgument($"value must represent a scalar, got shape {value.Shape}");
        }

        using var dimensions = new Scratch<long>(sizes.ElementCount);
        for (int i = 0; i < dimensions.Span.Length; i++)
        {
            dimensions.Span[i] = IndexInput.At(sizes, i);
            if (dimensions.Span[i] < 0)
            {
                throw StatusException.InvalidArgument($"Dimension {dimensions.Span[i]} must be >= 0");
            }
        }

        if (!Shape.TryCreate(dimensions.Span, out Shape shape))
        {
            throw StatusException.InvalidArgument($"Shape [{string.Join(',', dimensions.Span.ToArray())}] would have more than 2**63 - 1 elements");
        }

        var writer = new ElementWriter(value.DType, shape);
        writer.Repeat(value, 0, shape.ElementCount);
        context.SetOutput(0, writer.Finish());
    }

    private static void OnesLike(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor one = One(input.DType);
        var writer = new ElementWriter(input.DType, input.Shape);
        writer.Repeat(one, 0, input.ElementCount);
        one.Release();
        context.SetOutput(0, writer.Finish());
    }

    private static OpKernel MakeOneHot(KernelBuilder builder)
    {
        long axisAttribute = builder.Attributes.Int("axis");
        if (axisAttribute < -1)
        {
            throw StatusException.InvalidArgument("axis must be >= -1");
        }

        return new LambdaKernel(context =>
        {
            Tensor indices = context.Input(0);
            Tensor depthInput = context.Input(1);
            Tensor on = context.Input(2);
            Tensor off = context.Input(3);
            int rank = indices.Rank + 1;
            if (axisAttribute != -1 && (axisAttribute < 0 || axisAttribute >= rank))
            {
                throw StatusException.InvalidArgument($"Expected axis to be -1 or between [0, {rank}).  But received: {axisAttribute}");
            }

            if (depthInput.Rank != 0)
            {
                throw StatusException.InvalidArgument($"depth must be a scalar, but got: {depthInput.Shape}");
            }

            if (on.Rank != 0)
            {
                throw StatusException.InvalidArgument($"on_value must be a scalar, but got: {on.Shape}");
            }

            if (off.Rank != 0)
            {
                throw StatusException.InvalidArgument($"off_value must be a scalar, but got: {off.Shape}");
            }

            long depth = IndexInput.Scalar(depthInput);
            if (depth < 0)
            {
                throw StatusException.InvalidArgument($"depth must be non-negative, got: {depth}");
            }

            int axis = (int)(axisAttribute == -1 ? indices.Rank : axisAttribute);
            Span<long> sizes = stackalloc long[rank];
            indices.Shape.Dimensions[..axis].CopyTo(sizes);
            sizes[axis] = depth;
            indices.Shape.Dimensions[axis..].CopyTo(sizes[(axis + 1)..]);
            if (!Shape.TryCreate(sizes, out Shape shape))
            {
                throw StatusException.InvalidArgument($"OneHot result shape would have too many elements");
            }

            long outer = indices.Shape.CountOf(0, axis);
            long inner = indices.Shape.CountOf(axis, indices.Rank);
            var writer = new ElementWriter(on.DType, shape);
            for (long o = 0; o < outer; o++)
            {
                for (long d = 0; d < depth; d++)
                {
                    for (long i = 0; i < inner; i++)
                    {
                        writer.Repeat(IndexInput.At(indices, (o * inner) + i) == d ? on : off, 0, 1);
                    }
                }
            }

            context.SetOutput(0, writer.Finish());
        });
    }

    private static void InvertPermutation(OpContext context)
    {
        Tensor input = context.Input(0);
        if (input.Rank != 1)
        {
            throw StatusException.InvalidArgument("invert_permutation expects a 1D vector.");
        }

        long count = input.ElementCount;
        long[] inverse = new long[count];
        System.Array.Fill(inverse, -1);
        for (long i = 0; i < count; i++)
        {
            long to = IndexInput.At(input, i);
            if ((ulong)to >= (ulong)count)
            {
                throw StatusException.InvalidArgument($"{to} is not between 0 and {count}");
            }

            if (inverse[to] != -1)
            {
                throw StatusException.InvalidArgument($"{to} is duplicated in the input.");
            }

            inverse[to] = i;
        }

        context.SetOutput(0, IndexInput.Make(input.DType, inverse, input.Shape));
    }
}
