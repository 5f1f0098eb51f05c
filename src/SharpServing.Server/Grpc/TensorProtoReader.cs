using System.Buffers;
using System.Numerics;
using SharpServing.Tensors;

namespace SharpServing.Server.Grpc;

/// <summary>
/// Makes a tensor of a <c>tensorflow.TensorProto</c>, straight from the request's memory.
/// <para>tensor_content, where not empty, holds all elements and must have their exact size (strings: n varint lengths, then the bytes).
/// Otherwise the field of the dtype: fewer values than elements repeat the last one, none means zeros, more are ignored.</para>
/// Source: <c>Tensor::FromProto</c> in tensorflow/core/framework/tensor.cc.
/// </summary>
internal static class TensorProtoReader
{
    private const int DimField = 2;
    private const int UnknownRankField = 3;
    private const int DimSizeField = 1;

    /// <param name="message">Bytes that <see cref="TensorProtoValidator"/> found valid.</param>
    /// <param name="maxBytes">Largest tensor to make.</param>
    /// <returns>False for what is no tensor: dtype, shape or size of the content are wrong, or there is no memory for it.</returns>
    public static bool TryRead(in ReadOnlySequence<byte> message, long maxBytes, out Tensor? tensor)
    {
        tensor = null;
        Span<long> sizes = stackalloc long[Shape.MaxRank];
        if (!TryReadHead(message, sizes, out DType type, out int rank, out ReadOnlySequence<byte> content)
            || !Shape.TryCreate(sizes[..rank], out Shape shape))
        {
            return false;
        }

        int size = type.SizeOf();
        if (shape.ElementCount > maxBytes / (size > 0 ? size : sizeof(long)))
        {
            return false;
        }

        try
        {
            if (size > 0)
            {
                return TryReadPlain(message, type, shape, content, out tensor);
            }

            return type switch
            {
                DType.String => TryReadStrings(message, shape, content, out tensor),
                DType.Resource or DType.Variant => TryMakeObjects(type, shape, out tensor),
                _ => false,
            };
        }
        catch (StatusException)
        {
            // No memory: the original's allocation returns nothing, which it reports as a tensor that does not parse.
            return false;
        }
    }

    /// <summary>The fields before the values.</summary>
    private static bool TryReadHead(
        in ReadOnlySequence<byte> message, Span<long> sizes, out DType type, out int rank, out ReadOnlySequence<byte> content)
    {
        ulong number = 0;
        rank = 0;
        content = default;
        bool unknownRank = false;
        bool valid = true;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            reader.TryReadTag(out int field, out WireType wire);
            switch (field)
            {
                case TensorProtoFields.DType when wire == WireType.Varint:
                    reader.TryReadVarint(out number);
                    break;
                case TensorProtoFields.Shape when wire == WireType.Bytes:
                    reader.TryReadBytes(out ReadOnlySequence<byte> shape);
                    valid &= TryReadShape(shape, sizes, ref rank, ref unknownRank);
                    break;
                case TensorProtoFields.Content when wire == WireType.Bytes:
                    reader.TryReadBytes(out content);
                    break;
                default:
                    reader.TrySkip(field, wire);
                    break;
            }
        }

        type = (DType)(int)number;
        return valid && !(unknownRank && rank > 0);
    }

    private static bool TryReadShape(in ReadOnlySequence<byte> message, Span<long> sizes, ref int rank, ref bool unknownRank)
    {
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            reader.TryReadTag(out int field, out WireType wire);
            if (field == DimField && wire == WireType.Bytes)
            {
                if (rank == sizes.Length)
                {
                    return false;
                }

                reader.TryReadBytes(out ReadOnlySequence<byte> dimension);
                sizes[rank++] = ReadSize(dimension);
            }
            else if (field == UnknownRankField && wire == WireType.Varint)
            {
                reader.TryReadVarint(out ulong flag);
                unknownRank = flag != 0;
            }
            else
            {
                reader.TrySkip(field, wire);
            }
        }

        return true;
    }

    private static long ReadSize(in ReadOnlySequence<byte> dimension)
    {
        ulong size = 0;
        var reader = new WireReader(dimension);
        while (!reader.AtEnd)
        {
            reader.TryReadTag(out int field, out WireType wire);
            if (field == DimSizeField && wire == WireType.Varint)
            {
                reader.TryReadVarint(out size);
            }
            else
            {
                reader.TrySkip(field, wire);
            }
        }

        return (long)size;
    }

    private static bool TryReadPlain(
        in ReadOnlySequence<byte> message, DType type, in Shape shape, in ReadOnlySequence<byte> content, out Tensor? tensor)
    {
        tensor = Tensor.Allocate(type, shape);
        if (shape.ElementCount == 0 || TryFillPlain(message, tensor, content))
        {
            return true;
        }

        tensor.Release();
        tensor = null;
        return false;
    }

    private static bool TryFillPlain(in ReadOnlySequence<byte> message, Tensor tensor, in ReadOnlySequence<byte> content)
    {
        Span<byte> target = tensor.Bytes;
        if (!content.IsEmpty)
        {
            if (content.Length != target.Length)
            {
                return false;
            }

            content.CopyTo(target);
            return tensor.DType != DType.Bool || !target.ContainsAnyExceptInRange((byte)0, (byte)1);
        }

        switch (tensor.DType)
        {
            case DType.Float or DType.Double or DType.Complex64 or DType.Complex128:
                FillFixed(message, tensor);
                return true;
            case DType.Int32 or DType.QInt32 or DType.UInt32:
                FillVarints(message, tensor, tensor.Span<uint>());
                return true;
            case DType.Int64 or DType.UInt64:
                FillVarints(message, tensor, tensor.Span<ulong>());
                return true;
            case DType.Int16 or DType.UInt16 or DType.QInt16 or DType.QUInt16 or DType.Half or DType.BFloat16:
                FillVarints(message, tensor, tensor.Span<ushort>());
                return true;
            case DType.Int8 or DType.UInt8 or DType.QInt8 or DType.QUInt8 or DType.Bool:
            case DType.Int4 or DType.UInt4 or DType.Int2 or DType.UInt2:
                FillVarints(message, tensor, target);
                Narrow(tensor.DType, target);
                return true;
            case >= DType.Float8E5M2 and <= DType.Float8E5M2FNUZ:
                FillBytes(message, target);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Values of 4 and 8 bytes: the wire's layout is the memory's.</summary>
    private static void FillFixed(in ReadOnlySequence<byte> message, Tensor tensor)
    {
        int wanted = TensorProtoFields.FieldOf(tensor.DType);
        WireType single = TensorProtoFields.FixedSizeOf(wanted) == sizeof(float) ? WireType.Fixed32 : WireType.Fixed64;
        Span<byte> target = tensor.Bytes;
        int filled = 0;
        var reader = new WireReader(message);
        while (!reader.AtEnd && filled < target.Length)
        {
            reader.TryReadTag(out int field, out WireType wire);
            int length = TensorProtoFields.FixedSizeOf(wanted);
            if (field != wanted || (wire != single && wire != WireType.Bytes) || (wire == WireType.Bytes && !reader.TryReadLength(out length)))
            {
                reader.TrySkip(field, wire);
                continue;
            }

            int count = Math.Min(length, target.Length - filled);
            reader.TryCopy(target.Slice(filled, count));
            reader.Advance(length - count);
            filled += count;
        }

        int size = tensor.DType.SizeOf();
        Repeat(target, filled / size, size);
    }

    private static void FillVarints<T>(in ReadOnlySequence<byte> message, Tensor tensor, Span<T> target)
        where T : unmanaged, IBinaryInteger<T>
    {
        int wanted = TensorProtoFields.FieldOf(tensor.DType);
        bool isBool = tensor.DType == DType.Bool;
        int filled = 0;
        var reader = new WireReader(message);
        while (!reader.AtEnd && filled < target.Length)
        {
            reader.TryReadTag(out int field, out WireType wire);
            if (field != wanted || wire is not (WireType.Varint or WireType.Bytes))
            {
                reader.TrySkip(field, wire);
                continue;
            }

            long end = reader.Position + 1;
            if (wire == WireType.Bytes)
            {
                reader.TryReadLength(out int length);
                end = reader.Position + length;
            }

            while (reader.Position < end && filled < target.Length)
            {
                reader.TryReadVarint(out ulong value);
                target[filled++] = isBool && value != 0 ? T.One : T.CreateTruncating(value);
            }

            reader.Advance(Math.Max(end - reader.Position, 0));
        }

        target[filled..].Fill(filled > 0 ? target[filled - 1] : T.Zero);
    }

    private static void FillBytes(in ReadOnlySequence<byte> message, Span<byte> target)
    {
        ReadOnlySequence<byte> last = default;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            reader.TryReadTag(out int field, out WireType wire);
            if (field == TensorProtoFields.Float8 && wire == WireType.Bytes)
            {
                reader.TryReadBytes(out last);
            }
            else
            {
                reader.TrySkip(field, wire);
            }
        }

        int count = (int)Math.Min(last.Length, target.Length);
        last.Slice(0, count).CopyTo(target);
        Repeat(target, count, 1);
    }

    /// <summary>Fills what follows the first <paramref name="count"/> elements of <paramref name="size"/> bytes with the last of them.</summary>
    private static void Repeat(Span<byte> target, int count, int size)
    {
        int filled = count * size;
        if (count == 0)
        {
            target.Clear();
            return;
        }

        Span<byte> rest = target[(filled - size)..];
        for (long done = size; done < rest.Length; done *= 2)
        {
            int copied = (int)done;
            rest[..Math.Min(copied, rest.Length - copied)].CopyTo(rest[copied..]);
        }
    }

    /// <summary>4-bit and 2-bit types keep their low bits, extended by the sign for the signed ones.</summary>
    private static void Narrow(DType type, Span<byte> values)
    {
        int bits = type is DType.Int4 or DType.UInt4 ? 4 : type is DType.Int2 or DType.UInt2 ? 2 : 8;
        if (bits == 8)
        {
            return;
        }

        int shift = 8 - bits;
        bool signed = type is DType.Int4 or DType.Int2;
        foreach (ref byte value in values)
        {
            byte high = (byte)(value << shift);
            value = signed ? (byte)((sbyte)high >> shift) : (byte)(high >> shift);
        }
    }

    private static bool TryReadStrings(in ReadOnlySequence<byte> message, in Shape shape, in ReadOnlySequence<byte> content, out Tensor? tensor)
    {
        var builder = new StringTensorBuilder(shape);
        bool valid = shape.ElementCount == 0 || (content.IsEmpty ? AppendTyped(message, shape, builder) : TryAppendContent(content, shape, builder));
        tensor = valid ? builder.Finish() : null;
        return valid;
    }

    private static bool AppendTyped(in ReadOnlySequence<byte> message, in Shape shape, StringTensorBuilder builder)
    {
        long left = shape.ElementCount;
        ReadOnlySequence<byte> last = default;
        var reader = new WireReader(message);
        while (!reader.AtEnd && left > 0)
        {
            reader.TryReadTag(out int field, out WireType wire);
            if (field != TensorProtoFields.String || wire != WireType.Bytes)
            {
                reader.TrySkip(field, wire);
                continue;
            }

            reader.TryReadBytes(out last);
            Append(builder, last);
            left--;
        }

        if (!last.IsEmpty)
        {
            byte[] repeated = left > 0 ? last.ToArray() : [];
            for (; left > 0; left--)
            {
                builder.Append(repeated);
            }
        }

        return true;
    }

    private static bool TryAppendContent(in ReadOnlySequence<byte> content, in Shape shape, StringTensorBuilder builder)
    {
        var lengths = new WireReader(content);
        long total = 0;
        for (long i = 0; i < shape.ElementCount; i++)
        {
            if (!lengths.TryReadVarint(out ulong length) || length > uint.MaxValue)
            {
                return false;
            }

            total += (long)length;
        }

        if (total != lengths.Remaining)
        {
            return false;
        }

        long start = lengths.Position;
        lengths = new WireReader(content);
        for (long i = 0; i < shape.ElementCount; i++)
        {
            lengths.TryReadVarint(out ulong length);
            Append(builder, content.Slice(start, (long)length));
            start += (long)length;
        }

        return true;
    }

    private static void Append(StringTensorBuilder builder, in ReadOnlySequence<byte> bytes) =>
        builder.Append(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray());

    /// <summary>A handle that came over the wire names nothing here: the elements are empty, and an op that looks inside fails.</summary>
    private static bool TryMakeObjects(DType type, in Shape shape, out Tensor? tensor)
    {
        tensor = Tensor.FromObjects(type, new object?[shape.ElementCount], shape);
        return true;
    }
}
