using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using SharpServing.Tensors;
using Tensorflow;
using Half = System.Half;

namespace SharpServing.Runtime.Attributes;

/// <summary>
/// TensorProto → <see cref="Tensor"/>, as <c>Tensor::FromProto</c>: tensor_content wins and must have exactly the shape's size; of the typed
/// values too many are cut, too few repeat the last one, none gives zeros.
/// </summary>
public static class TensorProtoConverter
{
    /// <returns><see langword="null"/> when the message is not a tensor.</returns>
    public static Tensor? TryConvert(TensorProto proto)
    {
        DType type = DTypes.BaseOf((int)proto.Dtype);
        Span<long> sizes = stackalloc long[0];
        if (proto.TensorShape is { UnknownRank: false } shapeProto)
        {
            sizes = new long[shapeProto.Dim.Count];
            for (int i = 0; i < sizes.Length; i++)
            {
                sizes[i] = shapeProto.Dim[i].Size;
            }
        }

        if (!Shape.TryCreate(sizes, out Shape shape))
        {
            return null;
        }

        if (type == DType.String)
        {
            return ConvertStrings(proto, shape);
        }

        if (!type.IsPlain())
        {
            return null;
        }

        long bytes = shape.ElementCount * type.SizeOf();
        if (bytes > TensorAllocator.Shared.MaxBufferBytes || bytes / type.SizeOf() != shape.ElementCount)
        {
            return null;
        }

        if (!proto.TensorContent.IsEmpty)
        {
            if (proto.TensorContent.Length != bytes)
            {
                return null;
            }

            Tensor content = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
            proto.TensorContent.Span.CopyTo(content.Bytes);
            return content;
        }

        Tensor tensor = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
        FillTyped(proto, tensor);
        return tensor;
    }

    private static void FillTyped(TensorProto proto, Tensor tensor)
    {
        switch (tensor.DType)
        {
            case DType.Float:
                Fill(proto.FloatVal, tensor.Span<float>(), static value => value);
                break;
            case DType.Double:
                Fill(proto.DoubleVal, tensor.Span<double>(), static value => value);
                break;
            case DType.Int32 or DType.QInt32:
                Fill(proto.IntVal, tensor.Span<int>(), static value => value);
                break;
            case DType.UInt8 or DType.QUInt8:
                Fill(proto.IntVal, tensor.Span<byte>(), static value => unchecked((byte)value));
                break;
            case DType.Int8 or DType.QInt8:
                Fill(proto.IntVal, tensor.Span<sbyte>(), static value => unchecked((sbyte)value));
                break;
            case DType.Int4 or DType.UInt4 or DType.Int2 or DType.UInt2:
                Fill(proto.IntVal, tensor.Span<byte>(), static value => unchecked((byte)value));
                break;
            case DType.Int16 or DType.QInt16:
                Fill(proto.IntVal, tensor.Span<short>(), static value => unchecked((short)value));
                break;
            case DType.UInt16 or DType.QUInt16:
                Fill(proto.IntVal, tensor.Span<ushort>(), static value => unchecked((ushort)value));
                break;
            case DType.Int64:
                Fill(proto.Int64Val, tensor.Span<long>(), static value => value);
                break;
            case DType.UInt32:
                Fill(proto.Uint32Val, tensor.Span<uint>(), static value => value);
                break;
            case DType.UInt64:
                Fill(proto.Uint64Val, tensor.Span<ulong>(), static value => value);
                break;
            case DType.Bool:
                Fill(proto.BoolVal, tensor.Span<bool>(), static value => value);
                break;
            case DType.Half:
                Fill(proto.HalfVal, tensor.Span<Half>(), static value => BitConverter.UInt16BitsToHalf(unchecked((ushort)value)));
                break;
            case DType.BFloat16:
                Fill(proto.HalfVal, tensor.Span<BFloat16>(), static value => new BFloat16(unchecked((ushort)value)));
                break;
            case DType.Complex64:
                FillPairs<float>(proto.ScomplexVal, MemoryMarshal.Cast<Complex64, float>(tensor.Span<Complex64>()));
                break;
            case DType.Complex128:
                FillPairs<double>(proto.DcomplexVal, MemoryMarshal.Cast<System.Numerics.Complex, double>(tensor.Span<System.Numerics.Complex>()));
                break;
            default:
                FillBytes(proto.Float8Val, tensor.Bytes);
                break;
        }
    }

    private static void Fill<TSource, T>(RepeatedField<TSource> source, Span<T> target, Func<TSource, T> convert)
        where T : unmanaged
    {
        if (source.Count == 0)
        {
            target.Clear();
            return;
        }

        int given = Math.Min(source.Count, target.Length);
        for (int i = 0; i < given; i++)
        {
            target[i] = convert(source[i]);
        }

        if (given < target.Length)
        {
            target[given..].Fill(convert(source[^1]));
        }
    }

    private static void FillPairs<T>(RepeatedField<T> source, Span<T> target)
        where T : unmanaged
    {
        int pairs = source.Count / 2;
        if (pairs == 0)
        {
            target.Clear();
            return;
        }

        for (int i = 0; i < target.Length; i += 2)
        {
            int pair = Math.Min(i / 2, pairs - 1);
            target[i] = source[2 * pair];
            target[i + 1] = source[(2 * pair) + 1];
        }
    }

    private static void FillBytes(ByteString source, Span<byte> target)
    {
        if (source.IsEmpty)
        {
            target.Clear();
            return;
        }

        int given = Math.Min(source.Length, target.Length);
        source.Span[..given].CopyTo(target);
        target[given..].Fill(source.Span[^1]);
    }

    private static Tensor? ConvertStrings(TensorProto proto, in Shape shape)
    {
        long count = shape.ElementCount;
        if (count > int.MaxValue / 16)
        {
            return null;
        }

        var builder = new StringTensorBuilder(shape);
        if (!proto.TensorContent.IsEmpty)
        {
            // All lengths as varints, then all bytes.
            var input = proto.TensorContent.CreateCodedInput();
            int[] lengths = new int[count];
            for (int i = 0; i < lengths.Length; i++)
            {
                lengths[i] = input.ReadLength();
            }

            int at = (int)input.Position;
            foreach (int length in lengths)
            {
                if (length < 0 || at > proto.TensorContent.Length - length)
                {
                    return null;
                }

                builder.Append(proto.TensorContent.Span.Slice(at, length));
                at += length;
            }

            return at == proto.TensorContent.Length ? builder.Finish() : null;
        }

        for (long i = 0; i < count && proto.StringVal.Count > 0; i++)
        {
            builder.Append(proto.StringVal[(int)Math.Min(i, proto.StringVal.Count - 1)].Span);
        }

        return builder.Finish();
    }
}
