using System.Buffers;
using System.Text.Unicode;
using Tensorflow;

namespace SharpServing.Server.Grpc;

/// <summary>
/// Says whether bytes parse as a <c>tensorflow.TensorProto</c>, without making one. A message that does not parse fails the whole call,
/// also where its values would never be used.
/// </summary>
internal static class TensorProtoValidator
{
    private const int DimField = 2;
    private const int DimNameField = 2;

    public static bool IsValid(in ReadOnlySequence<byte> message)
    {
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type) || !IsValidField(ref reader, field, type))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsValidField(ref WireReader reader, int field, WireType type)
    {
        if (type != WireType.Bytes)
        {
            return reader.TrySkip(field, type);
        }

        if (!reader.TryReadBytes(out ReadOnlySequence<byte> bytes))
        {
            return false;
        }

        int size = TensorProtoFields.FixedSizeOf(field);
        if (size > 0)
        {
            return bytes.Length % size == 0;
        }

        if (TensorProtoFields.IsVarint(field))
        {
            return AreVarints(bytes);
        }

        return field switch
        {
            TensorProtoFields.Shape => IsShape(bytes),
            TensorProtoFields.Resource => ProtobufFaults.Parses(ResourceHandleProto.Parser, bytes),
            TensorProtoFields.Variant => ProtobufFaults.Parses(VariantTensorDataProto.Parser, bytes),
            _ => true,
        };
    }

    private static bool AreVarints(in ReadOnlySequence<byte> bytes)
    {
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadVarint(out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsShape(in ReadOnlySequence<byte> bytes)
    {
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            bool valid = field == DimField && type == WireType.Bytes
                ? reader.TryReadBytes(out ReadOnlySequence<byte> dimension) && IsDimension(dimension)
                : reader.TrySkip(field, type);
            if (!valid)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDimension(in ReadOnlySequence<byte> bytes)
    {
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            bool valid = field == DimNameField && type == WireType.Bytes
                ? reader.TryReadBytes(out ReadOnlySequence<byte> name) && IsUtf8(name)
                : reader.TrySkip(field, type);
            if (!valid)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsUtf8(in ReadOnlySequence<byte> bytes) =>
        Utf8.IsValid(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray());
}
