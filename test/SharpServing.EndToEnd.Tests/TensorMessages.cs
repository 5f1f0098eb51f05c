using System.Runtime.InteropServices;
using Google.Protobuf;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.EndToEnd.Tests;

/// <summary>Tensors as generated messages, by rules written down a second time: the server has its own readers and writers.</summary>
internal static class TensorMessages
{
    public static TensorProto Write(Tensor tensor)
    {
        var message = new TensorProto { Dtype = (DataType)(int)tensor.DType, TensorShape = new TensorShapeProto() };
        for (int i = 0; i < tensor.Rank; i++)
        {
            message.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = tensor.Shape[i] });
        }

        if (tensor.DType != DType.String)
        {
            message.TensorContent = ByteString.CopyFrom(tensor.Bytes);
            return message;
        }

        for (long i = 0; i < tensor.ElementCount; i++)
        {
            message.StringVal.Add(ByteString.CopyFrom(tensor.String(i)));
        }

        return message;
    }

    public static Tensor Read(TensorProto message)
    {
        var type = (DType)(int)message.Dtype;
        var shape = new Shape([.. message.TensorShape.Dim.Select(dim => dim.Size)]);
        if (type == DType.String)
        {
            var strings = new StringTensorBuilder(shape);
            foreach (ByteString value in message.StringVal)
            {
                strings.Append(value.Span);
            }

            return strings.Finish();
        }

        Tensor tensor = Tensor.Zeros(type, shape);
        if (tensor.ElementCount == 0)
        {
            return tensor;
        }

        byte[] values = message.TensorContent.Length > 0 ? message.TensorContent.ToByteArray() : ValuesOf(message, type);
        // Fewer values than elements: the last one counts for the rest.
        int size = type.SizeOf();
        values.Length.ShouldBeInRange(size, tensor.Bytes.Length);
        values.CopyTo(tensor.Bytes);
        for (int at = values.Length; at < tensor.Bytes.Length; at += size)
        {
            values.AsSpan(values.Length - size).CopyTo(tensor.Bytes[at..]);
        }

        return tensor;
    }

    private static byte[] ValuesOf(TensorProto message, DType type) => type switch
    {
        DType.Float => Bytes<float>([.. message.FloatVal]),
        DType.Double => Bytes<double>([.. message.DoubleVal]),
        DType.Complex64 => Bytes<float>([.. message.ScomplexVal]),
        DType.Complex128 => Bytes<double>([.. message.DcomplexVal]),
        DType.Int64 => Bytes<long>([.. message.Int64Val]),
        DType.UInt64 => Bytes<ulong>([.. message.Uint64Val]),
        DType.UInt32 => Bytes<uint>([.. message.Uint32Val]),
        DType.Bool => Bytes<bool>([.. message.BoolVal]),
        DType.Half or DType.BFloat16 => Bytes<ushort>([.. message.HalfVal.Select(value => (ushort)value)]),
        DType.Int32 => Bytes<int>([.. message.IntVal]),
        DType.Int16 or DType.UInt16 => Bytes<ushort>([.. message.IntVal.Select(value => (ushort)value)]),
        DType.Int8 or DType.UInt8 => Bytes<byte>([.. message.IntVal.Select(value => (byte)value)]),
        _ => throw new InvalidOperationException($"Answers of type {type.ToName()} are not read."),
    };

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
