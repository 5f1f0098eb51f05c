using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Ops that look at shapes or change them without touching elements.</summary>
internal static class ShapeOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Shape", ReshapeShapes.Shape, static context => SetShape(context, 0));
        registry.Add("ShapeN", ReshapeShapes.Shape, static context =>
        {
            for (int i = 0; i < context.InputCount; i++)
            {
                SetShape(context, i);
            }
        });
        registry.Add("Size", ReshapeShapes.Size, static context =>
        {
            long count = context.Input(0).ElementCount;
            if (context.OutputType(0) == DType.Int32 && count > int.MaxValue)
            {
                throw StatusException.InvalidArgument($"Number of elements was larger than representable by 32-bit output type");
            }

            context.SetOutput(0, IndexInput.Make(context.OutputType(0), [count], Shape.Scalar));
        });
        registry.Add("Rank", ReshapeShapes.Rank, static context => context.SetOutput(0, Tensor.FromScalar(context.Input(0).Rank)));
        registry.Add("Reshape", ReshapeShapes.Reshape, Reshape);
        registry.Add("ExpandDims", ReshapeShapes.ExpandDims, ExpandDims);
        registry.Add("Squeeze", ReshapeShapes.Squeeze, MakeSqueeze);
        registry.Add("Bitcast", ReshapeShapes.Bitcast, MakeBitcast);
        registry.Add("BroadcastArgs", ReshapeShapes.BroadcastArgs, BroadcastArgs);
    }

    private static void SetShape(OpContext context, int index)
    {
        Shape shape = context.Input(index).Shape;
        context.SetOutput(index, IndexInput.Make(context.OutputType(index), shape.Dimensions, new Shape(shape.Rank)));
    }

    private static void Reshape(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor sizes = context.Input(1);
        if (sizes.Rank > 1 && sizes.ElementCount != 1)
        {
            throw StatusException.InvalidArgument($"sizes input must be 1-D, not {sizes.Shape}");
        }

        if (sizes.ElementCount >= Shape.MaxRank)
        {
            throw StatusException.InvalidArgument($"too many dimensions: must be < {Shape.MaxRank}, but received {sizes.ElementCount}");
        }

        Span<long> dimensions = stackalloc long[(int)sizes.ElementCount];
        int unknown = -1;
        long product = 1;
        bool hasZero = false;
        for (int i = 0; i < dimensions.Length; i++)
        {
            long size = IndexInput.At(sizes, i);
            dimensions[i] = size;
            if (size == -1)
            {
                if (unknown >= 0)
                {
                    throw StatusException.InvalidArgument($"Only one input size may be -1, not both {unknown} and {i}");
                }

                unknown = i;
            }
            else if (size < 0)
            {
                throw StatusException.InvalidArgument($"Size {i} must be non-negative, not {size}");
            }
            else if (size == 0)
            {
                hasZero = true;
            }
            else
            {
                long high = System.Math.BigMul(product, size, out product);
                if (high != 0 || product < 0)
                {
                    throw StatusException.InvalidArgument($"Shape [{string.Join(',', IndexInput.All(sizes))}] has too many elements");
                }
            }
        }

        if (unknown >= 0)
        {
            // Beside a size 0 that is asked for, the input's own sizes 0 do not count: [0, 3] as [0, -1] is [0, 3].
            long elements = 1;
            bool skippedZero = false;
            foreach (long size in input.Shape.Dimensions)
            {
                if (size > 0 || !hasZero)
                {
                    elements *= size;
                }
                else
                {
                    skippedZero = true;
                }
            }

            long missing = elements / product;
            if (!skippedZero && missing * product != elements)
            {
                throw StatusException.InvalidArgument(
                    $"Input to reshape is a tensor with {elements} values, but the requested shape requires a multiple of {product}");
            }

            dimensions[unknown] = missing;
        }

        var shape = new Shape(dimensions);
        if (shape.ElementCount != input.ElementCount)
        {
            throw StatusException.InvalidArgument(
                $"Input to reshape is a tensor with {input.ElementCount} values, but the requested shape has {shape.ElementCount}");
        }

        context.ForwardReshaped(0, 0, shape);
    }

    private static void ExpandDims(OpContext context)
    {
        Tensor input = context.Input(0);
        Tensor axisInput = context.Input(1);
        if (axisInput.ElementCount != 1)
        {
            throw StatusException.InvalidArgument("'dim' must be a tensor with a single value");
        }

        long axis = IndexInput.Scalar(axisInput);
        int rank = input.Rank;
        if (axis < -1 - rank || axis > rank)
        {
            throw StatusException.InvalidArgument($"Tried to expand dim index {axis} for tensor with {rank} dimensions.");
        }

        int at = (int)(axis < 0 ? axis + rank + 1 : axis);
        Span<long> sizes = stackalloc long[rank + 1];
        input.Shape.Dimensions[..at].CopyTo(sizes);
        sizes[at] = 1;
        input.Shape.Dimensions[at..].CopyTo(sizes[(at + 1)..]);
        context.ForwardReshaped(0, 0, new Shape(sizes));
    }

    private static OpKernel MakeSqueeze(KernelBuilder builder)
    {
        long[] axes = builder.Attributes.Ints("squeeze_dims");
        return new LambdaKernel(context =>
        {
            Shape shape = context.Input(0).Shape;
            Span<bool> drop = stackalloc bool[shape.Rank];
            foreach (long axis in axes)
            {
                if (axis < -shape.Rank || axis >= shape.Rank)
                {
                    throw StatusException.InvalidArgument($"Tried to squeeze dim index {axis} for tensor with {shape.Rank} dimensions.");
                }

                drop[(int)(axis < 0 ? axis + shape.Rank : axis)] = true;
            }

            Span<long> sizes = stackalloc long[shape.Rank];
            int rank = 0;
            for (int i = 0; i < shape.Rank; i++)
            {
                long size = shape[i];
                if (axes.Length > 0 && drop[i])
                {
                    if (size != 1)
                    {
                        throw StatusException.InvalidArgument($"Can not squeeze dim[{i}], expected a dimension of 1, got {size}");
                    }
                }
                else if (axes.Length > 0 || size != 1)
                {
                    sizes[rank++] = size;
                }
            }

            context.ForwardReshaped(0, 0, new Shape(sizes[..rank]));
        });
    }

    private static OpKernel MakeBitcast(KernelBuilder builder)
    {
        DType from = builder.InputType(0);
        DType to = builder.OutputType(0);
        if (!from.IsPlain() || !to.IsPlain())
        {
            builder.Unsupported($"bitcast of {from.ToName()} to {to.ToName()}");
        }

        int fromSize = from.SizeOf();
        int toSize = to.SizeOf();
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            Shape shape = input.Shape;
            Span<long> sizes = stackalloc long[shape.Rank + 1];
            shape.Dimensions.CopyTo(sizes);
            int rank = shape.Rank;
            if (fromSize > toSize)
            {
                sizes[rank++] = fromSize / toSize;
            }
            else if (fromSize < toSize)
            {
                if (rank == 0 || sizes[rank - 1] != toSize / fromSize)
                {
                    throw StatusException.InvalidArgument(
                        rank == 0 ? $"Cannot bitcast from {(int)from} to {(int)to}" : $"Cannot bitcast from {from.ToName()} to {to.ToName()} with shape {shape}: {toSize / fromSize} != {(rank == 0 ? 0 : sizes[rank - 1])}");
                }

                rank--;
            }

            context.SetOutput(0, input.View(to, new Shape(sizes[..rank])));
        });
    }

    private static void BroadcastArgs(OpContext context)
    {
        for (int i = 0; i < 2; i++)
        {
            if (context.Input(i).Rank != 1)
            {
                throw StatusException.InvalidArgument($"In[{i}] must be a vector.{context.Input(i).Shape}");
            }
        }

        long[] leftSizes = IndexInput.All(context.Input(0));
        long[] rightSizes = IndexInput.All(context.Input(1));
        if (!Shape.TryCreate(leftSizes, out Shape left) || !Shape.TryCreate(rightSizes, out Shape right))
        {
            throw StatusException.InvalidArgument($"Incompatible shapes: [{string.Join(',', leftSizes)}] vs. [{string.Join(',', rightSizes)}]");
        }

        if (!BroadcastShape.TryCombine(left, right, out Shape result))
        {
            throw StatusException.InvalidArgument($"Incompatible shapes: {left} vs. {right}");
        }

        context.SetOutput(0, IndexInput.Make(context.OutputType(0), result.Dimensions, new Shape(result.Rank)));
    }
}
