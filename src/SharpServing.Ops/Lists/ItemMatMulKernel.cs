using SharpServing.Kernels;
using SharpServing.Ops.Linalg;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lists;

/// <summary>
/// Item [m, k] of a list · packed weights [k, n]. When items are asked for one after the other and lie side by side in memory, as those of a
/// tensor that was cut into a list do, the next ones are multiplied with them: a loop's single rows become a matrix.
/// </summary>
/// <param name="weightShape">As the graph has the weights, transposed or not: what errors name.</param>
internal sealed unsafe class ItemMatMulKernel(PackedMatrix weights, Shape weightShape) : OpKernel
{
    /// <summary>Rows multiplied at once, at most; an item with half as many is multiplied alone.</summary>
    private const long BlockRows = 64;

    private static long _kernels;

    private readonly string _key = $"_ItemMatMul/{Interlocked.Increment(ref _kernels)}";

    public static OpKernel Make(KernelBuilder builder) =>
        PackedWeights.TryTake(builder, 1, builder.Attributes.Bool("transpose_b")) is { } packed
            ? new ItemMatMulKernel(packed, builder.ConstantInput(1)!.Shape)
            : MatMulOps.MakeMatMul(builder);

    public override void Compute(OpContext context)
    {
        Tensor item = context.Input(0);
        PackedMatMulKernel.CheckOperand(item, weightShape, weights.Rows, transposeA: false);
        long rows = item.Shape[0];
        int index = context.Input(3).Scalar<int>();
        if (rows == 0 || rows > BlockRows / 2)
        {
            context.SetOutput(0, Multiply(item, rows));
            return;
        }

        if (!context.Run.Items.TryGetValue(_key, out object? kept))
        {
            context.Run.Items[_key] = kept = new ItemProducts();
        }

        TensorList list = TensorListOps.List(context, 2);
        var products = (ItemProducts)kept;
        if (!products.Has(list, index))
        {
            // The first item may be the only one that is wanted.
            long count = products.Follows(list, index) ? CountSideBySide(list, index, item, BlockRows / rows) : 1;
            products.Replace(list, index, count, Multiply(item, count * rows));
        }

        context.SetOutput(0, products.Take(index, new Shape(rows, weights.Columns)));
    }

    /// <summary>How many elements from <paramref name="first"/> on have the item's shape and follow it in memory.</summary>
    private static long CountSideBySide(TensorList list, int first, Tensor item, long most)
    {
        if (list.Elements[first]?.Data != item.Data)
        {
            return 1;
        }

        long bytes = item.ElementCount * sizeof(float);
        int count = 1;
        while (count < most && first + count < list.Elements.Count
            && list.Elements[first + count] is { DType: DType.Float } next && next.Shape == item.Shape && next.Data == item.Data + (count * bytes))
        {
            count++;
        }

        return count;
    }

    private Tensor Multiply(Tensor first, long rows)
    {
        Tensor product = Tensor.Allocate(DType.Float, new Shape(rows, weights.Columns));
        if (product.ElementCount > 0)
        {
            Gemm.Run((float*)first.Data, weights.Rows, false, (int)rows, weights, (float*)product.Data, weights.Columns);
        }

        return product;
    }
}
