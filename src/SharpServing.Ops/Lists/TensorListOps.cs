using SharpServing.Ops.Support;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lists;

/// <summary>TensorList*: how TensorFlow 2 loops gather their steps.</summary>
internal static class TensorListOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("EmptyTensorList", ShapeFunctions.Scalars, MakeEmpty);
        registry.Add("TensorListReserve", ShapeFunctions.Scalars, MakeReserve);
        registry.Add("TensorListFromTensor", ShapeFunctions.Scalars, MakeFromTensor);
        registry.Add("TensorListStack", ListShapes.Stack, MakeStack);
        registry.Add("TensorListGetItem", ShapeFunctions.Unknown, MakeGetItem);
        registry.Add("TensorListSetItem", ShapeFunctions.Scalars, MakeSetItem);
        registry.Add("TensorListPushBack", ShapeFunctions.Scalars, PushBack);
        registry.Add("TensorListPopBack", ListShapes.PopBack, MakePopBack);
        registry.Add("TensorListLength", ShapeFunctions.Scalars, static context => context.SetOutput(0, Tensor.FromScalar(List(context, 0).Elements.Count)));
        registry.Add("TensorListElementShape", ShapeFunctions.Unknown, static context =>
        {
            PartialShape shape = List(context, 0).ElementShape;
            context.SetOutput(0, shape.Dimensions is { } sizes
                ? IndexInput.Make(context.OutputType(0), sizes, new Shape(sizes.Length))
                : IndexInput.Make(context.OutputType(0), [-1], Shape.Scalar));
        });
        registry.Add("TensorListResize", ShapeFunctions.Scalars, Resize);
        registry.Add("TensorListGather", ListShapes.Gather, MakeGather);
        registry.Add("TensorListScatter", ShapeFunctions.Scalars, builder => MakeScatter(builder, 2, hasCount: false));
        registry.Add("TensorListScatterV2", ShapeFunctions.Scalars, builder => MakeScatter(builder, 2, hasCount: true));
        registry.Add("TensorListScatterIntoExistingList", ShapeFunctions.Scalars, ScatterInto);
    }

    public static TensorList List(OpContext context, int input)
    {
        Tensor handle = context.Input(input);
        if (handle.Rank != 0)
        {
            throw StatusException.InvalidArgument($"Input list must be a scalar. Got: {handle.Shape}");
        }

        return handle.Objects[0] as TensorList
            ?? throw StatusException.InvalidArgument("Input handle is not a list. Saw: 'other'");
    }

    public static PartialShape ReadShape(Tensor input)
    {
        if (input.Rank == 0)
        {
            long value = IndexInput.Scalar(input);
            return value == -1
                ? PartialShape.Unknown
                : throw StatusException.InvalidArgument("The only valid scalar shape tensor is the fully unknown shape specified as -1.");
        }

        return new PartialShape(IndexInput.All(input));
    }

    private static Tensor Wrap(TensorList list) => Tensor.FromObject(DType.Variant, list);

    /// <summary>The list of an input for changing: itself when nobody else holds it, else a copy. One reference.</summary>
    private static TensorList Writable(OpContext context, int input)
    {
        TensorList list = List(context, input);
        if (list.IsUnique && context.CanTake(input))
        {
            list.AddRef();
            return list;
        }

        return list.Copy();
    }

    private static Tensor Zeros(TensorList list, in Shape shape) => Tensor.Zeros(list.ElementType, shape);

    private static PartialShape Merge(PartialShape a, PartialShape b)
    {
        if (a.Dimensions is not { } left)
        {
            return b;
        }

        if (b.Dimensions is not { } right)
        {
            return a;
        }

        if (left.Length != right.Length)
        {
            throw StatusException.InvalidArgument($"PartialTensorShape: Incompatible ranks during merge: {left.Length} vs. {right.Length}");
        }

        long[] sizes = new long[left.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (left[i] >= 0 && right[i] >= 0 && left[i] != right[i])
            {
                throw StatusException.InvalidArgument($"PartialTensorShape: Incompatible shapes during merge: {a} vs. {b}");
            }

            sizes[i] = left[i] >= 0 ? left[i] : right[i];
        }

        return new PartialShape(sizes);
    }

    private static OpKernel MakeEmpty(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            if (context.Input(1).Rank != 0)
            {
                throw StatusException.InvalidArgument($"Expected max_num_elements to be a scalar. Received tensor of shape {context.Input(1).Shape}");
            }

            int max = context.Input(1).Scalar<int>();
            context.SetOutput(0, Wrap(new TensorList(type, ReadShape(context.Input(0)), []) { MaxElements = max }));
        });
    }

    private static OpKernel MakeReserve(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            if (context.Input(1).Rank != 0)
            {
                throw StatusException.InvalidArgument($"The num_elements to reserve must be a tensor size 1, but got {context.Input(1).Shape}");
            }

            int count = context.Input(1).Scalar<int>();
            if (count < 0)
            {
                throw StatusException.InvalidArgument($"The num_elements to reserve must be a non negative number, but got {count}");
            }

            context.SetOutput(0, Wrap(new TensorList(type, ReadShape(context.Input(0)), [.. new Tensor?[count]])));
        });
    }

    private static OpKernel MakeFromTensor(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            PartialShape declared = ReadShape(context.Input(1));
            if (input.Rank == 0)
            {
                throw StatusException.InvalidArgument("Tensor must be at least a vector, but saw shape: " + input.Shape);
            }

            var elementShape = new Shape(input.Shape.Dimensions[1..]);
            if (!declared.IsCompatibleWith(elementShape))
            {
                throw StatusException.InvalidArgument($"Specified a list with shape {declared} from a tensor with shape {elementShape}");
            }

            long count = input.Shape[0];
            long size = elementShape.ElementCount;
            var elements = new List<Tensor?>((int)count);
            for (long i = 0; i < count; i++)
            {
                elements.Add(RunCopy.Extract(input, elementShape, i * size));
            }

            context.SetOutput(0, Wrap(new TensorList(type, declared, elements)));
        });
    }

    /// <summary>The shape of an element that was never set: from the list, the op, or an element that was.</summary>
    private static Shape ElementShapeFor(TensorList list, PartialShape asked, string what)
    {
        PartialShape shape = Merge(asked, list.ElementShape);
        if (shape.TryToShape(out Shape full))
        {
            return full;
        }

        foreach (Tensor? element in list.Elements)
        {
            if (element is not null && shape.IsCompatibleWith(element.Shape))
            {
                return element.Shape;
            }
        }

        throw StatusException.InvalidArgument(
            $"Trying to {what} an uninitialized tensor but element_shape is not fully defined: {shape} and no list element is set.");
    }

    private static OpKernel MakeStack(KernelBuilder builder)
    {
        long expected = builder.Attributes.Int("num_elements");
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            TensorList list = List(context, 0);
            CheckType(list, type);
            PartialShape asked = ReadShape(context.Input(1));
            int count = list.Elements.Count;
            if (expected >= 0 && count != expected)
            {
                throw StatusException.InvalidArgument($"Operation expected a list with {expected} elements but got a list with {count} elements.");
            }

            PartialShape merged = Merge(asked, list.ElementShape);
            Shape shape;
            if (count == 0)
            {
                if (!merged.TryToShape(out shape))
                {
                    throw StatusException.InvalidArgument(
                        $"Tried to stack elements of an empty list with non-fully-defined element_shape: {merged}");
                }
            }
            else if (!merged.TryToShape(out shape))
            {
                Tensor? first = list.Elements.Find(element => element is not null);
                shape = first?.Shape ?? throw StatusException.InvalidArgument(
                    $"Tried to stack list which only contains uninitialized tensors and has a non-fully-defined element_shape: {merged}");
            }

            Span<long> sizes = stackalloc long[shape.Rank + 1];
            sizes[0] = count;
            shape.Dimensions.CopyTo(sizes[1..]);
            var writer = new ElementWriter(type, new Shape(sizes));
            foreach (Tensor? element in list.Elements)
            {
                if (element is null)
                {
                    writer.Skip(shape.ElementCount);
                    continue;
                }

                if (element.Shape != shape)
                {
                    throw StatusException.InvalidArgument($"Tried to stack elements with different shapes: {shape} and {element.Shape}");
                }

                writer.Write(element, 0, shape.ElementCount);
            }

            context.SetOutput(0, writer.Finish());
        });
    }

    private static void CheckType(TensorList list, DType type)
    {
        if (list.ElementType != type)
        {
            throw StatusException.InvalidArgument($"Invalid data types; op elements {type.ToName()} but list elements {list.ElementType.ToName()}");
        }
    }

    private static OpKernel MakeGetItem(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            TensorList list = List(context, 0);
            CheckType(list, type);
            int index = context.Input(1).Scalar<int>();
            if (index < 0 || index >= list.Elements.Count)
            {
                throw StatusException.InvalidArgument($"Trying to access element {index} in a list with {list.Elements.Count} elements.");
            }

            context.SetOutput(0, list.Elements[index]?.AddRef() ?? Zeros(list, ElementShapeFor(list, ReadShape(context.Input(2)), "read")));
        });
    }

    private static OpKernel MakeSetItem(KernelBuilder builder)
    {
        bool resize = builder.Attributes.Has("resize_if_index_out_of_bounds") && builder.Attributes.Bool("resize_if_index_out_of_bounds");
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            TensorList list = List(context, 0);
            CheckType(list, type);
            int index = context.Input(1).Scalar<int>();
            Tensor value = context.Input(2);
            if (index < 0 || (index >= list.Elements.Count && !resize))
            {
                throw StatusException.InvalidArgument($"Trying to modify element {index} in a list with {list.Elements.Count} elements.");
            }

            if (!list.ElementShape.IsCompatibleWith(value.Shape))
            {
                throw StatusException.InvalidArgument(
                    $"Tried to set a tensor with incompatible shape at a list index. Item element shape: {value.Shape} list shape: {list.ElementShape}");
            }

            TensorList target = Writable(context, 0);
            while (target.Elements.Count <= index)
            {
                target.Elements.Add(null);
            }

            target.Elements[index]?.Release();
            target.Elements[index] = value.AddRef();
            context.SetOutput(0, Wrap(target));
        });
    }

    private static void PushBack(OpContext context)
    {
        TensorList list = List(context, 0);
        Tensor value = context.Input(1);
        if (!list.ElementShape.IsCompatibleWith(value.Shape))
        {
            throw StatusException.InvalidArgument(
                $"Tried to append a tensor with incompatible shape to a list. Op element shape: {value.Shape} list shape: {list.ElementShape}");
        }

        if (list.MaxElements >= 0 && list.Elements.Count >= list.MaxElements)
        {
            throw StatusException.InvalidArgument($"Tried to push item into a full list list size: {list.Elements.Count} max_num_elements: {list.MaxElements}");
        }

        CheckType(list, value.DType);
        TensorList target = Writable(context, 0);
        target.Elements.Add(value.AddRef());
        context.SetOutput(0, Wrap(target));
    }

    private static OpKernel MakePopBack(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            TensorList list = List(context, 0);
            CheckType(list, type);
            if (list.Elements.Count == 0)
            {
                throw StatusException.InvalidArgument("Trying to pop from an empty list.");
            }

            Tensor last = list.Elements[^1]?.AddRef() ?? Zeros(list, ElementShapeFor(list, ReadShape(context.Input(1)), "read"));
            TensorList target = Writable(context, 0);
            target.Elements[^1]?.Release();
            target.Elements.RemoveAt(target.Elements.Count - 1);
            context.SetOutput(0, Wrap(target));
            context.SetOutput(1, last);
        });
    }

    private static void Resize(OpContext context)
    {
        int size = context.Input(1).Scalar<int>();
        if (size < 0)
        {
            throw StatusException.InvalidArgument($"TensorListSlice expects size to be non-negative. Got: {size}");
        }

        TensorList target = Writable(context, 0);
        while (target.Elements.Count > size)
        {
            target.Elements[^1]?.Release();
            target.Elements.RemoveAt(target.Elements.Count - 1);
        }

        while (target.Elements.Count < size)
        {
            target.Elements.Add(null);
        }

        context.SetOutput(0, Wrap(target));
    }

    private static OpKernel MakeGather(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            TensorList list = List(context, 0);
            CheckType(list, type);
            Tensor indices = context.Input(1);
            PartialShape asked = ReadShape(context.Input(2));
            foreach (int index in indices.Span<int>())
            {
                if (index < 0 || index >= list.Elements.Count)
                {
                    throw StatusException.InvalidArgument($"Index {index} out o range; list only has {list.Elements.Count} elements.");
                }
            }

            PartialShape merged = Merge(asked, list.ElementShape);
            if (!merged.TryToShape(out Shape shape))
            {
                shape = ElementShapeFor(list, asked, "gather");
            }

            Span<long> sizes = stackalloc long[shape.Rank + 1];
            sizes[0] = indices.ElementCount;
            shape.Dimensions.CopyTo(sizes[1..]);
            var writer = new ElementWriter(type, new Shape(sizes));
            foreach (int index in indices.Span<int>())
            {
                if (list.Elements[index] is { } element)
                {
                    if (element.Shape != shape)
                    {
                        throw StatusException.InvalidArgument($"Tried to gather elements with different shapes: {shape} and {element.Shape}");
                    }

                    writer.Write(element, 0, shape.ElementCount);
                }
                else
                {
                    writer.Skip(shape.ElementCount);
                }
            }

            context.SetOutput(0, writer.Finish());
        });
    }

    private static OpKernel MakeScatter(KernelBuilder builder, int shapeInput, bool hasCount)
    {
        DType type = builder.Attributes.Type("element_dtype");
        return new LambdaKernel(context =>
        {
            Tensor input = context.Input(0);
            ReadOnlySpan<int> indices = context.Input(1).Span<int>();
            int count = hasCount ? context.Input(3).Scalar<int>() : -1;
            PartialShape declared = ReadShape(context.Input(shapeInput));
            if (count < -1)
            {
                throw StatusException.InvalidArgument($"TensorListScatter expects num_elements >= -1, found: {count}");
            }

            CheckScatter(input, indices.Length, declared, $"Invalid number of rows in input tensor. Expected: {indices.Length} Actual: {RowsOf(input)}");
            var list = new TensorList(type, declared, []);
            if (count > 0)
            {
                list.Elements.AddRange(new Tensor?[count]);
            }

            Scatter(list, input, indices, fixedLength: count >= 0);
            context.SetOutput(0, Wrap(list));
        });
    }

    private static long RowsOf(Tensor input) => input.Rank < 1 ? 0 : input.Shape[0];

    private static void CheckScatter(Tensor input, long count, PartialShape declared, string wrongCount)
    {
        if (input.Rank < 1)
        {
            throw StatusException.InvalidArgument($"Tensor must be at least a vector, but saw shape: {input.Shape}");
        }

        if (input.Shape[0] != count)
        {
            throw StatusException.InvalidArgument(wrongCount);
        }

        var elementShape = new Shape(input.Shape.Dimensions[1..]);
        if (!declared.IsCompatibleWith(elementShape))
        {
            throw StatusException.InvalidArgument($"Specified a list with shape {declared} from a tensor with shape {elementShape}");
        }
    }

    private static void ScatterInto(OpContext context)
    {
        Tensor input = context.Input(1);
        long count = context.Input(2).ElementCount;
        CheckScatter(input, count, List(context, 0).ElementShape, $"Expected len(indices) == tensor.shape[0], but saw: {count} vs. {RowsOf(input)}");
        TensorList target = Writable(context, 0);
        Scatter(target, context.Input(1), context.Input(2).Span<int>(), fixedLength: false);
        context.SetOutput(0, Wrap(target));
    }

    private static void Scatter(TensorList list, Tensor input, ReadOnlySpan<int> indices, bool fixedLength)
    {
        var shape = new Shape(input.Shape.Dimensions[1..]);
        for (int i = 0; i < indices.Length; i++)
        {
            int index = indices[i];
            if (index < 0 || (fixedLength && index >= list.Elements.Count))
            {
                int size = list.Elements.Count;
                list.Release();
                throw StatusException.InvalidArgument(
                    index < 0 ? "Indices in TensorListScatter must all be non-negative." : $"TensorListScatter: Trying to scatter at index {index} in list with size {size}");
            }

            while (list.Elements.Count <= index)
            {
                list.Elements.Add(null);
            }

            list.Elements[index]?.Release();
            list.Elements[index] = RunCopy.Extract(input, shape, i * shape.ElementCount);
        }
    }
}
