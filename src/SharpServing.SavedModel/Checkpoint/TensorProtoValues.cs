using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.SavedModel;

/// <summary>Values of a <c>TensorProto</c>: in <c>tensor_content</c>, or in the field of the type.</summary>
public static class TensorProtoValues
{
    /// <summary>The tensor that a message describes: missing values repeat the last one, none at all are zeros, surplus ones are cut.</summary>
    /// <returns>False for an unknown shape, for contents of another length, and for types that have no plain values.</returns>
    public static bool TryCreate(TensorProto proto, out Tensor? tensor)
    {
        tensor = null;
        DType type = DTypes.BaseOf((int)proto.Dtype);
        if (!CheckpointShapes.TryCreate(proto.TensorShape, out Shape shape))
        {
            return false;
        }

        if (type == DType.String)
        {
            tensor = RepeatStrings(proto.StringVal, shape);
            return true;
        }

        long count = type.IsPlain() ? CountOf(proto, type) : -1;
        if (count == shape.ElementCount)
        {
            return TryCreate(proto, type, shape, out tensor);
        }

        if (count < 0 || !proto.TensorContent.IsEmpty)
        {
            return false;
        }

        tensor = Tensor.Zeros(type, shape);
        if (count > 0 && shape.ElementCount > 0)
        {
            CopyField(proto, type, tensor);
            RepeatLast(tensor, count);
        }

        return true;
    }

    /// <summary>One value for each element, as a first generation checkpoint stores them.</summary>
    /// <param name="shape">Of the tensor to make; the proto's own shape is not looked at.</param>
    /// <returns>False when the count of values is another one, or the type has no field.</returns>
    internal static bool TryCreate(TensorProto proto, DType type, in Shape shape, out Tensor? tensor)
    {
        tensor = null;
        if (type == DType.String)
        {
            if (proto.StringVal.Count != shape.ElementCount)
            {
                return false;
            }

            var builder = new StringTensorBuilder(shape);
            foreach (ByteString text in proto.StringVal)
            {
                builder.Append(text.Span);
            }

            tensor = builder.Finish();
            return true;
        }

        if (!type.IsPlain() || CountOf(proto, type) != shape.ElementCount)
        {
            return false;
        }

        Tensor made = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
        if (shape.ElementCount == 0)
        {
            // Nothing to copy.
        }
        else if (!proto.TensorContent.IsEmpty)
        {
            proto.TensorContent.Span.CopyTo(made.Bytes);
        }
        else
        {
            CopyField(proto, type, made);
        }

        tensor = made;
        return true;
    }

    private static Tensor RepeatStrings(RepeatedField<ByteString> texts, in Shape shape)
    {
        var builder = new StringTensorBuilder(shape);
        for (long i = 0; i < shape.ElementCount; i++)
        {
            builder.Append(texts.Count == 0 ? [] : texts[(int)Math.Min(i, texts.Count - 1)].Span);
        }

        return builder.Finish();
    }

    private static void RepeatLast(Tensor tensor, long count)
    {
        int size = tensor.DType.SizeOf();
        Span<byte> bytes = tensor.Bytes;
        for (long at = count * size; at < bytes.Length; at++)
        {
            bytes[(int)at] = bytes[(int)at - size];
        }
    }

    private static long CountOf(TensorProto proto, DType type)
    {
        int size = type.SizeOf();
        return !proto.TensorContent.IsEmpty ? (proto.TensorContent.Length % size == 0 ? proto.TensorContent.Length / size : -1) : type switch
        {
            DType.Float => proto.FloatVal.Count,
            DType.Double => proto.DoubleVal.Count,
            DType.Complex64 => proto.ScomplexVal.Count % 2 == 0 ? proto.ScomplexVal.Count / 2 : -1,
            DType.Complex128 => proto.DcomplexVal.Count % 2 == 0 ? proto.DcomplexVal.Count / 2 : -1,
            DType.Int64 => proto.Int64Val.Count,
            DType.UInt64 => proto.Uint64Val.Count,
            DType.UInt32 => proto.Uint32Val.Count,
            DType.Bool => proto.BoolVal.Count,
            DType.Half or DType.BFloat16 => proto.HalfVal.Count,
            DType.Int32 or DType.QInt32 or DType.Int16 or DType.UInt16 or DType.QInt16 or DType.QUInt16
                or DType.Int8 or DType.UInt8 or DType.QInt8 or DType.QUInt8 => proto.IntVal.Count,
            _ => -1,
        };
    }

    private static void CopyField(TensorProto proto, DType type, Tensor target)
    {
        switch (type)
        {
            case DType.Float:
                Copy(proto.FloatVal, target);
                break;
            case DType.Double:
                Copy(proto.DoubleVal, target);
                break;
            case DType.Complex64:
                Copy(proto.ScomplexVal, target);
                break;
            case DType.Complex128:
                Copy(proto.DcomplexVal, target);
                break;
            case DType.Int64:
                Copy(proto.Int64Val, target);
                break;
            case DType.UInt64:
                Copy(proto.Uint64Val, target);
                break;
            case DType.UInt32:
                Copy(proto.Uint32Val, target);
                break;
            case DType.Bool:
                Copy(proto.BoolVal, target);
                break;
            case DType.Half or DType.BFloat16:
                CopyLow(proto.HalfVal, target);
                break;
            default:
                CopyLow(proto.IntVal, target);
                break;
        }
    }

    private static void Copy<T>(RepeatedField<T> values, Tensor target)
        where T : unmanaged
    {
        Span<T> elements = MemoryMarshal.Cast<byte, T>(target.Bytes);
        for (int i = 0; i < Math.Min(elements.Length, values.Count); i++)
        {
            elements[i] = values[i];
        }
    }

    /// <summary>The low bytes of each int32, as many as the type has.</summary>
    private static void CopyLow(RepeatedField<int> values, Tensor target)
    {
        int size = target.DType.SizeOf();
        Span<byte> bytes = target.Bytes;
        for (int i = 0; i < Math.Min(values.Count, bytes.Length / size); i++)
        {
            for (int b = 0; b < size; b++)
            {
                bytes[(i * size) + b] = (byte)(values[i] >> (8 * b));
            }
        }
    }
}
