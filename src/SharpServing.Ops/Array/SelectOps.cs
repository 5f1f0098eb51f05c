using SharpServing.Ops.Support;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Array;

/// <summary>Select, SelectV2, Where.</summary>
internal static class SelectOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("Select", FillShapes.Select, Select);
        registry.Add("SelectV2", FillShapes.SelectV2, SelectV2);
        registry.Add("Where", FillShapes.Where, Where);
    }

    private static void Select(OpContext context)
    {
        Tensor condition = context.Input(0);
        Tensor then = context.Input(1);
        Tensor otherwise = context.Input(2);
        if (condition.Rank == 0)
        {
            if (then.Shape != otherwise.Shape)
            {
                throw StatusException.InvalidArgument($"'then' and 'else' must have the same size.  but received: {then.Shape} vs. {otherwise.Shape}");
            }

            context.Forward(0, condition.Scalar<bool>() ? 1 : 2);
            return;
        }

        // A vector condition picks rows of anything but vectors.
        long run = 1;
        if (condition.Rank == 1 && then.Rank != 1)
        {
            if (then.Rank < 1)
            {
                throw StatusException.InvalidArgument($"'then' must be at least a vector, but saw shape: {then.Shape}");
            }

            if (then.Shape[0] != condition.ElementCount)
            {
                throw StatusException.InvalidArgument(
                    $"Number of batches of 'then' must match size of 'cond', but saw: {then.Shape[0]} vs. {condition.ElementCount}");
            }

            if (then.Shape != otherwise.Shape)
            {
                throw StatusException.InvalidArgument($"'then' and 'else' must have the same size.  but received: {then.Shape} vs. {otherwise.Shape}");
            }

            run = then.Shape.CountOf(1, then.Rank);
        }
        else if (condition.Shape != then.Shape)
        {
            throw Mismatch(condition.Shape, 1, then.Shape);
        }
        else if (condition.Shape != otherwise.Shape)
        {
            throw Mismatch(condition.Shape, 2, otherwise.Shape);
        }

        StatusException Mismatch(in Shape first, int index, in Shape other) => StatusException.InvalidArgument(
            $"Inputs to operation {context.NodeName} of type Select must have the same size and shape.  Input 0: {first} != input {index}: {other}");

        var writer = new ElementWriter(then.DType, then.Shape);
        ReadOnlySpan<bool> flags = condition.Span<bool>();
        for (int i = 0; i < flags.Length && run > 0; i++)
        {
            writer.Write(flags[i] ? then : otherwise, i * run, run);
        }

        context.SetOutput(0, writer.Finish());
    }

    private static void SelectV2(OpContext context)
    {
        Tensor condition = context.Input(0);
        Tensor then = context.Input(1);
        Tensor otherwise = context.Input(2);
        if (!BroadcastShape.TryCombine(then.Shape, otherwise.Shape, out Shape values)
            || !BroadcastShape.TryCombine(condition.Shape, values, out Shape shape))
        {
            throw StatusException.InvalidArgument(
                $"condition {condition.Shape}, then {then.Shape}, and else {otherwise.Shape} must be broadcastable");
        }

        if (condition.ElementCount == 1)
        {
            Tensor chosen = condition.Scalar<bool>() ? then : otherwise;
            context.SetOutput(0, chosen.Shape == shape ? chosen.AddRef() : JoinOps.Broadcast(chosen, shape));
            return;
        }

        Tensor flags = condition.Shape == shape ? condition.AddRef() : JoinOps.Broadcast(condition, shape);
        Tensor left = then.Shape == shape || then.ElementCount == 1 ? then.AddRef() : JoinOps.Broadcast(then, shape);
        Tensor right = otherwise.Shape == shape || otherwise.ElementCount == 1 ? otherwise.AddRef() : JoinOps.Broadcast(otherwise, shape);
        bool leftOne = left.ElementCount == 1;
        bool rightOne = right.ElementCount == 1;
        var writer = new ElementWriter(then.DType, shape);
        ReadOnlySpan<bool> bits = flags.Span<bool>();
        for (int i = 0; i < bits.Length;)
        {
            bool flag = bits[i];
            int end = bits[i..].IndexOf(!flag);
            end = end < 0 ? bits.Length : i + end;
            if (flag ? leftOne : rightOne)
            {
                writer.Repeat(flag ? left : right, 0, end - i);
            }
            else
            {
                writer.Write(flag ? left : right, i, end - i);
            }

            i = end;
        }

        flags.Release();
        left.Release();
        right.Release();
        context.SetOutput(0, writer.Finish());
    }

    private static void Where(OpContext context)
    {
        Tensor input = context.Input(0);
        if (input.Rank is 0 or > 8)
        {
            throw StatusException.InvalidArgument($"WhereOp : Unhandled input dimensions: {input.Rank}");
        }

        if (input.DType is DType.Half)
        {
            throw StatusException.Unimplemented("No OpKernel was registered to support Op 'Where' with half");
        }

        var found = new List<long>();
        for (long i = 0; i < input.ElementCount; i++)
        {
            if (IsTrue(input, (int)i))
            {
                found.Add(i);
            }
        }

        Tensor result = Tensor.Allocate(DType.Int64, new Shape(found.Count, input.Rank));
        Span<long> target = result.Span<long>();
        for (int n = 0; n < found.Count; n++)
        {
            long flat = found[n];
            for (int d = input.Rank - 1; d >= 0; d--)
            {
                target[(n * input.Rank) + d] = flat % input.Shape[d];
                flat /= input.Shape[d];
            }
        }

        context.SetOutput(0, result);
    }

    private static bool IsTrue(Tensor input, int index) =>
        input.DType switch
        {
            DType.Bool => input.Span<bool>()[index],
            DType.Float => System.Math.Abs(input.Span<float>()[index]) >= 1.17549435E-38f || float.IsNaN(input.Span<float>()[index]),
            DType.Double => System.Math.Abs(input.Span<double>()[index]) >= 2.2250738585072014E-308 || double.IsNaN(input.Span<double>()[index]),
            DType.BFloat16 => (float)input.Span<BFloat16>()[index] != 0,
            DType.Complex64 => input.Span<Complex64>()[index] is not { Real: 0, Imaginary: 0 },
            DType.Complex128 => input.Span<System.Numerics.Complex>()[index] != System.Numerics.Complex.Zero,
            _ => input.Bytes.Slice(index * input.DType.SizeOf(), input.DType.SizeOf()).IndexOfAnyExcept((byte)0) >= 0,
        };
}
