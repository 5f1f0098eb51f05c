using System.Numerics;
using SharpServing.Tensors;

namespace SharpServing.Server.Grpc;

/// <summary>
/// Writes a tensor as <c>tensorflow.TensorProto</c>: dtype, shape, then all elements in the field of the dtype, or as tensor_content.
/// Source: <c>Tensor::AsProtoField</c> and <c>AsProtoTensorContent</c> in tensorflow/core/framework/tensor.cc.
/// </summary>
internal static class TensorProtoWriter
{
    /// <summary>False for resource and variant tensors: they have no meaning outside the server.</summary>
    public static bool CanWrite(DType type) => type is not (DType.Resource or DType.Variant) && TensorProtoFields.FieldOf(type) != 0;

    /// <summary>Bytes that <see cref="Write"/> will write.</summary>
    public static long SizeOf(Tensor tensor, bool asContent)
    {
        long shape = ShapeSize(tensor.Shape);
        return 1 + WireWriter.SizeOfVarint((ulong)tensor.DType) + WireWriter.SizeOfBytes(shape) + ValuesSize(tensor, asContent);
    }

    public static void Write(ref WireWriter writer, Tensor tensor, bool asContent)
    {
        writer.WriteTag(TensorProtoFields.DType, WireType.Varint);
        writer.WriteVarint((ulong)tensor.DType);
        writer.WriteTag(TensorProtoFields.Shape, WireType.Bytes);
        writer.WriteVarint((ulong)ShapeSize(tensor.Shape));
        foreach (long size in tensor.Shape.Dimensions)
        {
            writer.WriteTag(2, WireType.Bytes);
            writer.WriteVarint((ulong)DimensionSize(size));
            if (size != 0)
            {
                writer.WriteTag(1, WireType.Varint);
                writer.WriteVarint((ulong)size);
            }
        }

        if (tensor.ElementCount > 0)
        {
            WriteValues(ref writer, tensor, asContent);
        }
    }

    private static int DimensionSize(long size) => size == 0 ? 0 : 1 + WireWriter.SizeOfVarint((ulong)size);

    private static long ShapeSize(in Shape shape)
    {
        long bytes = 0;
        foreach (long size in shape.Dimensions)
        {
            bytes += WireWriter.SizeOfBytes(DimensionSize(size));
        }

        return bytes;
    }

    private static long ValuesSize(Tensor tensor, bool asContent)
    {
        if (tensor.ElementCount == 0)
        {
            return 0;
        }

        if (tensor.DType == DType.String)
        {
            return asContent ? WireWriter.SizeOfBytes(StringContentSize(tensor)) : StringsSize(tensor);
        }

        int tag = WireWriter.SizeOfVarint((ulong)TensorProtoFields.FieldOf(tensor.DType) << 3);
        long payload = asContent ? tensor.ByteLength : PayloadSize(tensor);
        return (asContent ? 1 : tag) + WireWriter.SizeOfVarint((ulong)payload) + payload;
    }

    private static long StringsSize(Tensor tensor)
    {
        long bytes = 0;
        for (long i = 0; i < tensor.ElementCount; i++)
        {
            bytes += WireWriter.SizeOfBytes(tensor.String(i).Length);
        }

        return bytes;
    }

    private static long StringContentSize(Tensor tensor)
    {
        long bytes = 0;
        for (long i = 0; i < tensor.ElementCount; i++)
        {
            int length = tensor.String(i).Length;
            bytes += WireWriter.SizeOfVarint((ulong)length) + length;
        }

        return bytes;
    }

    /// <summary>Content of the packed field.</summary>
    private static long PayloadSize(Tensor tensor) => tensor.DType switch
    {
        DType.Int32 or DType.QInt32 => SizeOfSigned<int>(tensor),
        DType.Int16 or DType.QInt16 => SizeOfSigned<short>(tensor),
        DType.Int8 or DType.QInt8 or DType.Int4 or DType.Int2 => SizeOfSigned<sbyte>(tensor),
        DType.Int64 => SizeOfSigned<long>(tensor),
        DType.UInt8 or DType.QUInt8 or DType.UInt4 or DType.UInt2 => SizeOfUnsigned<byte>(tensor),
        DType.UInt16 or DType.QUInt16 or DType.Half or DType.BFloat16 => SizeOfUnsigned<ushort>(tensor),
        DType.UInt32 => SizeOfUnsigned<uint>(tensor),
        DType.UInt64 => SizeOfUnsigned<ulong>(tensor),
        _ => tensor.ByteLength,
    };

    private static long SizeOfSigned<T>(Tensor tensor)
        where T : unmanaged, IBinaryInteger<T>
    {
        long bytes = 0;
        foreach (T value in tensor.Span<T>())
        {
            bytes += WireWriter.SizeOfVarint((ulong)long.CreateTruncating(value));
        }

        return bytes;
    }

    private static long SizeOfUnsigned<T>(Tensor tensor)
        where T : unmanaged, IBinaryInteger<T>
    {
        long bytes = 0;
        foreach (T value in tensor.Span<T>())
        {
            bytes += WireWriter.SizeOfVarint(ulong.CreateTruncating(value));
        }

        return bytes;
    }

    private static void WriteValues(ref WireWriter writer, Tensor tensor, bool asContent)
    {
        if (tensor.DType == DType.String)
        {
            WriteStrings(ref writer, tensor, asContent);
            return;
        }

        writer.WriteTag(asContent ? TensorProtoFields.Content : TensorProtoFields.FieldOf(tensor.DType), WireType.Bytes);
        writer.WriteVarint((ulong)(asContent ? tensor.ByteLength : PayloadSize(tensor)));
        if (asContent)
        {
            writer.WriteRaw(tensor.Bytes);
            return;
        }

        switch (tensor.DType)
        {
            case DType.Int32 or DType.QInt32:
                WriteSigned<int>(ref writer, tensor);
                break;
            case DType.Int16 or DType.QInt16:
                WriteSigned<short>(ref writer, tensor);
                break;
            case DType.Int8 or DType.QInt8 or DType.Int4 or DType.Int2:
                WriteSigned<sbyte>(ref writer, tensor);
                break;
            case DType.Int64:
                WriteSigned<long>(ref writer, tensor);
                break;
            case DType.UInt8 or DType.QUInt8 or DType.UInt4 or DType.UInt2:
                WriteUnsigned<byte>(ref writer, tensor);
                break;
            case DType.UInt16 or DType.QUInt16 or DType.Half or DType.BFloat16:
                WriteUnsigned<ushort>(ref writer, tensor);
                break;
            case DType.UInt32:
                WriteUnsigned<uint>(ref writer, tensor);
                break;
            case DType.UInt64:
                WriteUnsigned<ulong>(ref writer, tensor);
                break;
            default:
                writer.WriteRaw(tensor.Bytes);
                break;
        }
    }

    private static void WriteStrings(ref WireWriter writer, Tensor tensor, bool asContent)
    {
        if (!asContent)
        {
            for (long i = 0; i < tensor.ElementCount; i++)
            {
                writer.WriteTag(TensorProtoFields.String, WireType.Bytes);
                writer.WriteVarint((ulong)tensor.String(i).Length);
                writer.WriteRaw(tensor.String(i));
            }

            return;
        }

        writer.WriteTag(TensorProtoFields.Content, WireType.Bytes);
        writer.WriteVarint((ulong)StringContentSize(tensor));
        for (long i = 0; i < tensor.ElementCount; i++)
        {
            writer.WriteVarint((ulong)tensor.String(i).Length);
        }

        for (long i = 0; i < tensor.ElementCount; i++)
        {
            writer.WriteRaw(tensor.String(i));
        }
    }

    private static void WriteSigned<T>(ref WireWriter writer, Tensor tensor)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (T value in tensor.Span<T>())
        {
            writer.WriteVarint((ulong)long.CreateTruncating(value));
        }
    }

    private static void WriteUnsigned<T>(ref WireWriter writer, Tensor tensor)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (T value in tensor.Span<T>())
        {
            writer.WriteVarint(ulong.CreateTruncating(value));
        }
    }
}
