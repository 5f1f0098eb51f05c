using SharpServing.Ops.Support;
using SharpServing.Runtime.Attributes;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Runtime.Shapes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lists;

/// <summary>TensorArrayV3 and its ops: how TensorFlow 1 loops gather their steps. Flow values order them; their number means nothing.</summary>
internal static class TensorArrayOps
{
    public static void Register(OpRegistry registry)
    {
        registry.Add("TensorArrayV3", ShapeFunctions.Unknown, MakeArray, OpTraits.NoEffect);
        registry.Add("TensorArrayWriteV3", ShapeFunctions.Scalars, Write, OpTraits.NoEffect);
        registry.Add("TensorArrayReadV3", ShapeFunctions.Unknown, Read, OpTraits.NoEffect);
        registry.Add("TensorArrayGatherV3", ShapeFunctions.Unknown, MakeGather, OpTraits.NoEffect);
        registry.Add("TensorArrayScatterV3", ShapeFunctions.Scalars, Scatter, OpTraits.NoEffect);
        registry.Add("TensorArrayConcatV3", ShapeFunctions.Unknown, MakeConcat, OpTraits.NoEffect);
        registry.Add("TensorArraySplitV3", ShapeFunctions.Scalars, Split, OpTraits.NoEffect);
        registry.Add("TensorArraySizeV3", ShapeFunctions.Scalars, Size, OpTraits.NoEffect);
        registry.Add("TensorArrayCloseV3", ShapeFunctions.NoOutput, static context => Any(context).Close());
    }

    private static TensorArray Array(OpContext context)
    {
        TensorArray array = Any(context);
        array.CheckOpen();
        return array;
    }

    private static TensorArray Any(OpContext context) =>
        context.Input(0).Objects is [TensorArray array, ..]
            ? array
            : throw StatusException.InvalidArgument("Trying to access resource using the wrong type. Expected a TensorArray");

    /// <summary>The size of an array that cannot grow is known before anything runs, and so is said of a closed one too.</summary>
    private static void Size(OpContext context)
    {
        TensorArray array = Any(context);
        context.SetOutput(0, Tensor.FromScalar(array.DynamicSize ? Array(context).Count : array.InitialSize));
    }

    private static OpKernel MakeArray(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("dtype");
        PartialShape shape = builder.Attributes.Shape("element_shape");
        bool dynamicSize = builder.Attributes.Bool("dynamic_size");
        bool clear = builder.Attributes.Bool("clear_after_read");
        bool identical = builder.Attributes.Bool("identical_element_shapes");
        string name = builder.Attributes.String("tensor_array_name") is { Length: > 0 } given ? given : builder.Node.Name;
        return new LambdaKernel(context =>
        {
            Tensor size = context.Input(0);
            if (size.Rank != 0)
            {
                throw StatusException.InvalidArgument($"TensorArray size must be scalar, but had shape: {size.Shape}");
            }

            if (size.Scalar<int>() < 0)
            {
                throw StatusException.InvalidArgument("Size should be >= 0.");
            }

            var array = new TensorArray(name, type, shape, size.Scalar<int>(), dynamicSize, clear, identical);
            context.SetOutput(0, Tensor.FromObject(DType.Resource, array));
            context.SetOutput(1, Tensor.FromScalar(0f));
        });
    }

    private static int Index(Tensor index, string name) =>
        index.Rank == 0 ? index.Scalar<int>() : throw StatusException.InvalidArgument($"TensorArray {name} must be scalar, but had shape: {index.Shape}");

    private static void Write(OpContext context)
    {
        Array(context).Write(Index(context.Input(1), "index"), context.Input(2).AddRef());
        context.Forward(0, 3);
    }

    private static void Read(OpContext context)
    {
        TensorArray array = Array(context);
        if (array.Type != context.OutputType(0))
        {
            throw StatusException.InvalidArgument(
                $"TensorArray dtype is {array.Type.ToName()} but Op requested dtype {context.OutputType(0).ToName()}.");
        }

        context.SetOutput(0, array.Read(Index(context.Input(1), "index")));
    }

    private static OpKernel MakeGather(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("dtype");
        PartialShape asked = builder.Attributes.Shape("element_shape");
        return new LambdaKernel(context =>
        {
            TensorArray array = Array(context);
            if (array.Type != type)
            {
                throw StatusException.InvalidArgument($"TensorArray dtype is {array.Type.ToName()} but Op requested dtype {type.ToName()}.");
            }

            Tensor indices = context.Input(1);
            if (indices.Rank != 1)
            {
                throw StatusException.InvalidArgument($"Expected indices to be a vector, but received shape: {indices.Shape}");
            }

            array.MergeElementShape(asked);
            if (indices.ElementCount == 0)
            {
                if (!asked.TryToShape(out Shape element))
                {
                    throw StatusException.Unimplemented(
                        $"TensorArray has size zero, but element shape {asked} is not fully defined. Currently only static shapes are supported when packing zero-size TensorArrays.");
                }

                context.SetOutput(0, Tensor.Zeros(type, new Shape([0, .. element.Dimensions])));
                return;
            }

            using var parts = new Parts(indices.Span<int>(), array);
            Shape first = parts[0].Shape;
            if (!asked.IsCompatibleWith(first))
            {
                throw StatusException.InvalidArgument($"TensorArray was passed element_shape {asked} which does not match the Tensor at index 0: {first}");
            }

            var writer = new ElementWriter(type, new Shape([parts.Count, .. first.Dimensions]));
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i].Shape != first)
                {
                    throw StatusException.InvalidArgument(
                        $"TensorArray has inconsistent shapes.  Index 0 has shape: {first} but index {i} has shape: {parts[i].Shape}");
                }

                writer.Write(parts[i], 0, first.ElementCount);
            }

            context.SetOutput(0, writer.Finish());
        });
    }

    private static void Scatter(OpContext context)
    {
        TensorArray array = Array(context);
        Tensor indices = context.Input(1);
        Tensor value = context.Input(2);
        if (indices.Rank != 1)
        {
            throw StatusException.InvalidArgument($"Expected indices to be a vector, but received shape: {indices.Shape}");
        }

        if (value.Rank < 1)
        {
            throw StatusException.InvalidArgument($"Input value for unpack must be at least a vector but received shape: {value.Shape}");
        }

        if (value.Shape[0] != indices.ElementCount)
        {
            throw StatusException.InvalidArgument(
                $"Expected len(indices) == values.shape[0], but saw: {indices.ElementCount} vs. {value.Shape[0]}");
        }

        int last = -1;
        foreach (int index in indices.Span<int>())
        {
            last = System.Math.Max(last, index);
        }

        if (!array.DynamicSize && last >= array.Count)
        {
            throw StatusException.InvalidArgument($"Max scatter index must be < array size ({last} vs. {array.Count})");
        }

        var shape = new Shape(value.Shape.Dimensions[1..]);
        for (int i = 0; i < indices.ElementCount; i++)
        {
            array.Write(indices.Span<int>()[i], RunCopy.Extract(value, shape, i * shape.ElementCount));
        }

        context.Forward(0, 3);
    }

    private static OpKernel MakeConcat(KernelBuilder builder)
    {
        DType type = builder.Attributes.Type("dtype");
        PartialShape asked = builder.Attributes.Shape("element_shape_except0");
        return new LambdaKernel(context =>
        {
            TensorArray array = Array(context);
            if (array.Type != type)
            {
                throw StatusException.InvalidArgument($"TensorArray dtype is {array.Type.ToName()} but Op requested dtype {type.ToName()}.");
            }

            if (array.Count == 0)
            {
                if (!asked.TryToShape(out Shape rest))
                {
                    throw StatusException.Unimplemented(
                        $"TensorArray has size zero, but element_shape_except0 {asked} is not fully defined. Currently only static shapes are supported when concatenating zero-size TensorArrays.");
                }

                context.SetOutput(0, Tensor.Zeros(type, new Shape([0, .. rest.Dimensions])));
                context.SetOutput(1, Tensor.Zeros(DType.Int64, new Shape(0)));
                return;
            }

            int[] all = new int[array.Count];
            for (int i = 0; i < all.Length; i++)
            {
                all[i] = i;
            }

            using var parts = new Parts(all, array);
            long[] lengths = new long[parts.Count];
            long total = 0;
            for (int i = 0; i < parts.Count; i++)
            {
                Shape shape = parts[i].Shape;
                if (shape.Rank < 1)
                {
                    throw StatusException.InvalidArgument($"Concat saw a scalar shape at index {i} but requires at least vectors.  Did you mean to call pack?");
                }

                var rest = new Shape(shape.Dimensions[1..]);
                if (!asked.IsCompatibleWith(rest))
                {
                    throw StatusException.InvalidArgument(
                        $"TensorArray was passed element_shape_except0 {asked} but index {i} has (excepting dimension 0) shape: {rest} which does not match.");
                }

                if (!rest.Dimensions.SequenceEqual(parts[0].Shape.Dimensions[1..]))
                {
                    throw StatusException.InvalidArgument(
                        $"TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: {new Shape(parts[0].Shape.Dimensions[1..])} but index {i} has (excepting dimension 0) shape: {rest}");
                }

                lengths[i] = shape[0];
                total += shape[0];
            }

            var writer = new ElementWriter(type, parts[0].Shape.WithDimension(0, total));
            for (int i = 0; i < parts.Count; i++)
            {
                writer.Write(parts[i], 0, parts[i].ElementCount);
            }

            context.SetOutput(0, writer.Finish());
            context.SetOutput(1, Tensor.FromArray<long>(lengths, new Shape(lengths.Length)));
        });
    }

    private static void Split(OpContext context)
    {
        TensorArray array = Array(context);
        Tensor value = context.Input(1);
        Tensor lengths = context.Input(2);
        if (lengths.Rank != 1)
        {
            throw StatusException.InvalidArgument($"Expected lengths to be a vector, received shape: {lengths.Shape}");
        }

        if (value.Rank < 1)
        {
            throw StatusException.InvalidArgument($"Expected value to be at least a vector, but received shape: {value.Shape}");
        }

        long total = 0;
        foreach (long length in lengths.Span<long>())
        {
            total += length;
        }

        if (total != value.Shape[0])
        {
            throw StatusException.InvalidArgument(
                $"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {total} and value's shape is: {value.Shape}");
        }

        if (!array.DynamicSize && array.Count != lengths.ElementCount)
        {
            throw StatusException.InvalidArgument(
                $"TensorArray's size is not equal to the size of lengths ({array.Count} vs. {lengths.ElementCount}), and the TensorArray is not marked as dynamically resizeable");
        }

        long row = value.Shape.CountOf(1, value.Rank);
        long offset = 0;
        for (int i = 0; i < lengths.ElementCount; i++)
        {
            long length = lengths.Span<long>()[i];
            array.Write(i, RunCopy.Extract(value, value.Shape.WithDimension(0, length), offset * row));
            offset += length;
        }

        context.Forward(0, 3);
    }

    /// <summary>Elements read from an array, given back together.</summary>
    private sealed class Parts : IDisposable
    {
        private readonly List<Tensor> _tensors = [];

        public Parts(ReadOnlySpan<int> indices, TensorArray array)
        {
            try
            {
                foreach (int index in indices)
                {
                    _tensors.Add(array.Read(index));
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public int Count => _tensors.Count;

        public Tensor this[int index] => _tensors[index];

        public void Dispose()
        {
            foreach (Tensor tensor in _tensors)
            {
                tensor.Release();
            }

            _tensors.Clear();
        }
    }
}
