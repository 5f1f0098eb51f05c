using SharpServing.Ops.Lists;
using SharpServing.Ops.Support;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Linalg;

/// <summary>MatMul and BatchMatMul.</summary>
internal static class MatMulOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("MatMul", ProductShapes.MatMul, MakeMatMul);
        registry.Add("_ItemMatMul", ProductShapes.MatMul, ItemMatMulKernel.Make);
        registry.Add("BatchMatMul", ProductShapes.BatchMatMul, builder => MakeBatch(builder, broadcast: false));
        registry.Add("BatchMatMulV2", ProductShapes.BatchMatMul, builder => MakeBatch(builder, broadcast: true));
        registry.Add("BatchMatMulV3", ProductShapes.BatchMatMul, builder => MakeBatch(builder, broadcast: true));
    }

    public static OpKernel MakeMatMul(KernelBuilder builder)
    {
        if (builder.InputType(0) is DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64)
        {
            throw MissingKernel.For(builder, "T", builder.InputType(0));
        }

        if (!TypedGemm.Supports(builder.InputType(0)))
        {
            return builder.UnsupportedType(builder.InputType(0));
        }

        bool transposeA = builder.Attributes.Bool("transpose_a");
        bool transposeB = builder.Attributes.Bool("transpose_b");
        if (builder.InputType(0) == DType.Float && PackedWeights.TryTake(builder, 1, transposeB) is { } packed)
        {
            return new PackedMatMulKernel(packed, builder.ConstantInput(1)!.Shape, transposeA);
        }

        return new LambdaKernel(context =>
        {
            Tensor a = context.Input(0);
            Tensor b = context.Input(1);
            CheckMatrices(a.Shape, b.Shape);
            long m = a.Shape[transposeA ? 1 : 0];
            long k = a.Shape[transposeA ? 0 : 1];
            long n = b.Shape[transposeB ? 0 : 1];
            if (k != b.Shape[transposeB ? 1 : 0])
            {
                throw SizeMismatch(a.Shape, b.Shape);
            }

            Tensor c = context.Allocate(0, new Shape(m, n));
            TypedGemm.Run(a, b, c, new MatrixSizes(m, n, k, transposeA, transposeB), [0], [0]);
        });
    }

    public static void CheckMatrices(in Shape a, in Shape b)
    {
        if (a.Rank != b.Rank)
        {
            throw StatusException.InvalidArgument($"In[0] and In[1] has different ndims: {a} vs. {b}");
        }

        if (a.Rank != 2)
        {
            throw StatusException.InvalidArgument($"In[0] and In[1] ndims must be == 2: {a.Rank}");
        }
    }

    /// <summary>The first version of the op does not broadcast.</summary>
    private static void CheckSameBatch(in Shape a, in Shape b)
    {
        if (a.Rank != b.Rank)
        {
            throw StatusException.InvalidArgument($"In[0] and In[1] has different ndims: {a} vs. {b}");
        }

        for (int i = 0; i < a.Rank - 2; i++)
        {
            if (a[i] != b[i])
            {
                throw StatusException.InvalidArgument($"In[0].dim({i}) and In[1].dim({i}) must be the same: {a} vs {b}");
            }
        }
    }

    public static StatusException SizeMismatch(in Shape a, in Shape b) =>
        StatusException.InvalidArgument($"Matrix size-incompatible: In[0]: {a}, In[1]: {b}");

    private static OpKernel MakeBatch(KernelBuilder builder, bool broadcast)
    {
        DType type = builder.InputType(0);
        if (builder.InputType(1) != type || builder.OutputType(0) != type)
        {
            // Mixed kernels take 8-bit integers, beside each other or beside bfloat16.
            bool isMixed = IsMixed(type) && IsMixed(builder.InputType(1)) && builder.OutputType(0) is DType.Int32 or DType.BFloat16;
            return isMixed ? builder.UnsupportedType(type) : throw MissingKernel.For(builder, "Ta", type);
        }

        if (!TypedGemm.Supports(type))
        {
            return builder.UnsupportedType(type);
        }

        bool adjointA = builder.Attributes.Bool("adj_x");
        bool adjointB = builder.Attributes.Bool("adj_y");
        if (type == DType.Float && builder.ConstantInput(1) is { Rank: 2 } && PackedWeights.TryTake(builder, 1, adjointB) is { } packed && !adjointA)
        {
            return new PackedBatchMatMulKernel(packed, builder.ConstantInput(1)!.Shape);
        }

        return new LambdaKernel(context =>
        {
            Tensor a = context.Input(0);
            Tensor b = context.Input(1);
            if (!broadcast)
            {
                CheckSameBatch(a.Shape, b.Shape);
            }

            if (a.Rank < 2 || b.Rank < 2)
            {
                throw StatusException.InvalidArgument($"In[{(a.Rank < 2 ? 0 : 1)}] ndims must be >= 2: {(a.Rank < 2 ? a.Rank : b.Rank)}");
            }

            Span<long> aBatchSizes = stackalloc long[a.Rank - 2];
            Span<long> bBatchSizes = stackalloc long[b.Rank - 2];
            a.Shape.Dimensions[..^2].CopyTo(aBatchSizes);
            b.Shape.Dimensions[..^2].CopyTo(bBatchSizes);
            var aBatch = new Shape(aBatchSizes);
            var bBatch = new Shape(bBatchSizes);
            if (!BroadcastShape.TryCombine(aBatch, bBatch, out Shape batch))
            {
                throw StatusException.InvalidArgument($"In[0] and In[1] must have compatible batch dimensions: {a.Shape} vs. {b.Shape}");
            }

            long m = a.Shape[adjointA ? -1 : -2];
            long k = a.Shape[adjointA ? -2 : -1];
            long n = b.Shape[adjointB ? -2 : -1];
            if (k != b.Shape[adjointB ? -1 : -2])
            {
                throw StatusException.InvalidArgument($"Matrix size-incompatible: In[0]: {a.Shape}, In[1]: {b.Shape}");
            }

            Span<long> sizes = stackalloc long[batch.Rank + 2];
            batch.Dimensions.CopyTo(sizes);
            sizes[^2] = m;
            sizes[^1] = n;
            Tensor c = context.Allocate(0, new Shape(sizes));
            long count = batch.ElementCount;
            var matrixSizes = new MatrixSizes(m, n, k, adjointA, adjointB) { ConjugateA = adjointA, ConjugateB = adjointB };
            if (count > 0)
            {
                using var indices = new Scratch<long>(2 * count);
                Span<long> aMatrix = indices.Span[..(int)count];
                Span<long> bMatrix = indices.Span[(int)count..];
                FillMatrixIndices(aBatch, batch, aMatrix);
                FillMatrixIndices(bBatch, batch, bMatrix);
                TypedGemm.Run(a, b, c, matrixSizes, aMatrix, bMatrix);
            }
        });
    }

    private static bool IsMixed(DType type) => type is DType.Int8 or DType.UInt8 or DType.BFloat16;

    /// <summary>For each matrix of the broadcast batch, which matrix of an operand it uses.</summary>
    /// <param name="indices">One a matrix of <paramref name="batch"/>.</param>
    public static void FillMatrixIndices(in Shape operand, in Shape batch, Span<long> indices)
    {
        int lead = batch.Rank - operand.Rank;
        for (long i = 0; i < indices.Length; i++)
        {
            long flat = i;
            long index = 0;
            long pitch = 1;
            for (int d = batch.Rank - 1; d >= 0; d--)
            {
                long at = flat % batch[d];
                flat /= batch[d];
                if (d >= lead)
                {
                    index += operand[d - lead] == 1 ? 0 : at * pitch;
                    pitch *= operand[d - lead];
                }
            }

            indices[(int)i] = index;
        }
    }
}
