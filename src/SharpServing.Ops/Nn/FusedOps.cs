using SharpServing.Kernels;
using SharpServing.Ops.Linalg;
using SharpServing.Ops.Math;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Nn;

/// <summary>Kernels of the ops that the passes FuseLinear and FuseGelu make.</summary>
internal static unsafe class FusedOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("_LinearConv2D", FusedShapes.Conv2D, MakeConv2D);
        registry.Add("_LinearDepthwiseConv2dNative", FusedShapes.Depthwise, MakeDepthwise);
        registry.Add("_LinearMatMul", FusedShapes.MatMul, MakeMatMul);
        registry.Add("_Gelu", ShapeFunctions.Unchanged, static builder => builder.Attributes.Bool("approximate")
            ? new UnaryKernel<GeluTanhOperator, float>()
            : new UnaryKernel<GeluErfOperator, float>());
    }

    private static OpKernel MakeConv2D(KernelBuilder builder)
    {
        var window = new WindowAttributes(builder, "Conv2D");
        var epilogue = new FusedEpilogue(builder);
        bool refuseGroups = builder.Attributes.Bool("refuse_groups");
        Tensor weights = builder.ConstantInput(1)!;
        Shape filter = weights.Shape;
        builder.DropInput(1);
        PackedFilter packed = builder.Session.Share(weights, epilogue.Form("conv"), () =>
        {
            Tensor folded = epilogue.Fold(weights);
            PackedFilter made = PackedFilter.Pack((float*)folded.Data, (int)filter[0], (int)filter[1], (int)filter[2], (int)filter[3]);
            folded.Release();
            return made;
        });
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            if (input.Rank != 4)
            {
                throw StatusException.InvalidArgument($"convolution input must be 4-dimensional: {input.Shape}");
            }

            if (input.Shape[3] % filter[2] != 0)
            {
                throw StatusException.InvalidArgument($"input depth must be evenly divisible by filter depth: {input.Shape[3]} vs {filter[2]}");
            }

            int groups = (int)(input.Shape[3] / filter[2]);
            if (groups != 1 && refuseGroups)
            {
                throw StatusException.Unimplemented("Fused conv implementation does not support grouped convolutions for now.");
            }

            if (groups == 0 || filter[3] % groups != 0)
            {
                throw StatusException.InvalidArgument($"output depth must be evenly divisible by number of groups: {filter[3]} vs {groups}");
            }

            WindowGeometry geometry = window.Geometry(input.Shape, filter[0], filter[1], filter[3]);
            Tensor result = Tensor.Allocate(DType.Float, new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels));
            PackedFilter grouped = groups == 1 ? packed : packed.Regroup((int)filter[0], (int)filter[1], (int)filter[2], (int)filter[3], groups);
            Conv2D.Run((float*)input.Data, geometry, grouped, (float*)result.Data, epilogue.Start(context, result.Shape));
            if (groups != 1)
            {
                grouped.Release();
            }

            epilogue.Finish(context, result);
        });
    }

    private static OpKernel MakeDepthwise(KernelBuilder builder)
    {
        var window = new WindowAttributes(builder, "DepthwiseConv2dNative");
        var epilogue = new FusedEpilogue(builder);
        Tensor weights = builder.ConstantInput(1)!;
        Shape shape = weights.Shape;
        builder.DropInput(1);
        Tensor filter = builder.Session.Share(weights, epilogue.Form("depthwise"), () => epilogue.Fold(weights));
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            if (input.Rank != 4)
            {
                throw StatusException.InvalidArgument($"input must be 4-dimensional{input.Shape}");
            }

            if (input.Shape[3] != shape[2])
            {
                throw StatusException.InvalidArgument($"input and filter must have the same depth: {input.Shape[3]} vs {shape[2]}");
            }

            WindowGeometry geometry = window.Geometry(input.Shape, shape[0], shape[1], shape[2] * shape[3]);
            Tensor result = Tensor.Allocate(DType.Float, new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels));
            DepthwiseConv2D.Run((float*)input.Data, geometry, (float*)filter.Data, (float*)result.Data, epilogue.Start(context, result.Shape));
            epilogue.Finish(context, result);
        });
    }

    private static OpKernel MakeMatMul(KernelBuilder builder)
    {
        var epilogue = new FusedEpilogue(builder);
        bool transposeA = builder.Attributes.Bool("transpose_a");
        bool transposeB = builder.Attributes.Bool("transpose_b");
        bool matrices = builder.Attributes.Bool("matrices");
        Tensor weights = builder.ConstantInput(1)!;
        Shape shape = weights.Shape;
        builder.DropInput(1);
        PackedMatrix packed = builder.Session.Share(weights, epilogue.Form(transposeB ? "gemm_t" : "gemm"), () =>
        {
            Tensor folded = transposeB && epilogue.Scale is not null ? FoldRows(weights, epilogue.Scale) : epilogue.Fold(weights);
            PackedMatrix made = PackedMatrix.Pack(
                (float*)folded.Data, (int)shape[transposeB ? 1 : 0], (int)shape[transposeB ? 0 : 1], shape[1], transposeB);
            folded.Release();
            return made;
        });
        return new LambdaKernel(context =>
        {
            Tensor a = context.Input(0);
            if (matrices)
            {
                MatMulOps.CheckMatrices(a.Shape, shape);
            }
            else if (a.Rank < 2)
            {
                throw StatusException.InvalidArgument($"In[0] ndims must be >= 2: {a.Rank}");
            }

            if (a.Shape[transposeA ? 0 : -1] != packed.Rows)
            {
                throw MatMulOps.SizeMismatch(a.Shape, shape);
            }

            Shape resultShape = transposeA ? new Shape(a.Shape[1], packed.Columns) : a.Shape.WithDimension(a.Rank - 1, packed.Columns);
            Tensor result = Tensor.Allocate(DType.Float, resultShape);
            if (result.ElementCount > 0)
            {
                long rows = result.ElementCount / packed.Columns;
                Gemm.Run(
                    (float*)a.Data, a.Shape[-1], transposeA, (int)rows, packed, (float*)result.Data, packed.Columns, epilogue.Start(context, resultShape));
            }

            epilogue.Finish(context, result);
        });
    }

    /// <summary>Transposed weights have a row for each output channel.</summary>
    private static Tensor FoldRows(Tensor weights, float[] scale)
    {
        Tensor folded = Tensor.Allocate(DType.Float, weights.Shape, TensorAllocator.Shared, pooled: false);
        int columns = (int)weights.Shape[1];
        for (int row = 0; row < scale.Length; row++)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(
                weights.Span<float>().Slice(row * columns, columns), scale[row], folded.Span<float>().Slice(row * columns, columns));
        }

        return folded;
    }
}
