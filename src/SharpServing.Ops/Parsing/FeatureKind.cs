using SharpServing.Tensors;

namespace SharpServing.Ops.Parsing;

/// <summary>
/// Reads the value of one <c>tf.train.Feature</c>. The first field decides its kind; of packed numbers the first block counts.
/// Source of the tolerance: tensorflow/core/util/example_proto_fast_parsing.cc.
/// </summary>
internal static class FeatureKind
{
    /// <summary>Kind of a feature; <see cref="DType.Invalid"/> when it is empty.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: the first field is none of the three lists.</exception>
    public static DType Of(ReadOnlySpan<byte> feature)
    {
        if (feature.IsEmpty)
        {
            return DType.Invalid;
        }

        return feature[0] switch
        {
            (1 << 3) | 2 => DType.String,
            (2 << 3) | 2 => DType.Float,
            (3 << 3) | 2 => DType.Int64,
            _ => throw StatusException.InvalidArgument("Unsupported datatype."),
        };
    }

    /// <summary>Appends the values of a feature whose kind is that of <paramref name="values"/>.</summary>
    /// <param name="feature">The whole feature, with its first tag.</param>
    /// <param name="capacity">Values that are wanted: more than these strings are refused, of more numbers only the count is right.</param>
    /// <param name="count">Values that the feature says to hold.</param>
    public static bool TryRead(ReadOnlySpan<byte> feature, FeatureValues values, int capacity, out long count)
    {
        count = 0;
        var reader = new WireReader(feature[1..]);
        if (!reader.TryReadVarint32(out uint length))
        {
            return false;
        }

        _ = reader.PushLimit(length);
        return values.Type switch
        {
            DType.Float => TryReadFloats(ref reader, values, capacity, out count),
            DType.Int64 => TryReadIntegers(ref reader, values, out count),
            _ => TryReadStrings(ref reader, values, capacity, out count),
        };
    }

    /// <summary>False when the list of strings is broken.</summary>
    public static bool TryCountStrings(ReadOnlySpan<byte> feature)
    {
        var reader = new WireReader(feature[1..]);
        if (!reader.TryReadVarint32(out uint length))
        {
            return false;
        }

        _ = reader.PushLimit(length);
        while (!reader.AtEnd)
        {
            if (!reader.TryTake(WireReader.LengthTag(1)) || !reader.TryReadVarint32(out uint size) || !reader.TrySkip(size))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadStrings(ref WireReader reader, FeatureValues values, int capacity, out long count)
    {
        count = 0;
        while (!reader.AtEnd)
        {
            if (!reader.TryTake(WireReader.LengthTag(1)) || !reader.TryReadVarint32(out uint length) || count >= capacity
                || !reader.TryRead(length, out ReadOnlySpan<byte> text))
            {
                return false;
            }

            values.Add(text);
            count++;
        }

        return true;
    }

    private static bool TryReadFloats(ref WireReader reader, FeatureValues values, int capacity, out long count)
    {
        count = 0;
        if (reader.AtEnd)
        {
            return true;
        }

        if (reader.TryTake(WireReader.LengthTag(1)))
        {
            if (!reader.TryReadVarint32(out uint length))
            {
                return false;
            }

            _ = reader.PushLimit(length);
            count = length / sizeof(float);
            if (!reader.TryRead(System.Math.Min(count, capacity) * sizeof(float), out ReadOnlySpan<byte> packed))
            {
                return false;
            }

            values.AddFloats(packed);
            return true;
        }

        if (reader.Peek() != WireReader.Fixed32Tag(1))
        {
            return false;
        }

        while (!reader.AtEnd)
        {
            if (!reader.TryTake(WireReader.Fixed32Tag(1)) || !reader.TryReadFixed32(out uint bits))
            {
                return false;
            }

            values.Add(BitConverter.UInt32BitsToSingle(bits));
            count++;
        }

        return true;
    }

    private static bool TryReadIntegers(ref WireReader reader, FeatureValues values, out long count)
    {
        count = 0;
        if (reader.AtEnd)
        {
            return true;
        }

        bool packed = reader.TryTake(WireReader.LengthTag(1));
        if (packed)
        {
            if (!reader.TryReadVarint32(out uint length))
            {
                return false;
            }

            _ = reader.PushLimit(length);
        }
        else if (reader.Peek() != WireReader.VarintTag(1))
        {
            return false;
        }

        while (!reader.AtEnd)
        {
            if ((!packed && !reader.TryTake(WireReader.VarintTag(1))) || !reader.TryReadVarint(out ulong value))
            {
                return false;
            }

            values.Add(unchecked((long)value));
            count++;
        }

        return true;
    }
}
