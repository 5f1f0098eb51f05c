namespace SharpServing.Ops.Parsing;

/// <summary>
/// Finds the entries of a serialized <c>tf.Example</c> without reading their values. Source of the tolerance:
/// tensorflow/core/util/example_proto_fast_parsing.cc.
/// </summary>
internal static class ExampleReader
{
    /// <summary>Fills <paramref name="entries"/> in wire order, keys repeated as they are; false when the bytes are no example.</summary>
    public static bool TryRead(ReadOnlySpan<byte> example, List<FeatureEntry> entries)
    {
        entries.Clear();
        var reader = new WireReader(example);
        while (!reader.AtEnd)
        {
            bool read = reader.TryTake(WireReader.LengthTag(1)) ? TryReadFeatures(ref reader, example, entries) : reader.TrySkipField();
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadFeatures(ref WireReader reader, ReadOnlySpan<byte> example, List<FeatureEntry> entries)
    {
        if (!reader.TryReadVarint32(out uint length))
        {
            return false;
        }

        int limit = reader.PushLimit(length);
        while (!reader.AtEnd)
        {
            if (!reader.TryTake(WireReader.LengthTag(1)) || !TryReadEntry(ref reader, entries))
            {
                return false;
            }
        }

        reader.PopLimit(limit);
        return true;
    }

    /// <summary>Exactly two fields: key and value in either order (or one of them twice).</summary>
    private static bool TryReadEntry(ref WireReader reader, List<FeatureEntry> entries)
    {
        if (!reader.TryReadVarint32(out uint length))
        {
            return false;
        }

        int limit = reader.PushLimit(length);
        int keyStart = 0;
        int keyLength = 0;
        int valueStart = 0;
        int valueLength = 0;
        for (int i = 0; i < 2; i++)
        {
            uint tag = reader.ReadTag();
            if ((tag != WireReader.LengthTag(1) && tag != WireReader.LengthTag(2)) || !reader.TryReadBytes(out ReadOnlySpan<byte> bytes))
            {
                return false;
            }

            if (tag == WireReader.LengthTag(1))
            {
                keyStart = reader.Position - bytes.Length;
                keyLength = bytes.Length;
            }
            else
            {
                valueStart = reader.Position - bytes.Length;
                valueLength = bytes.Length;
            }
        }

        if (!reader.AtEnd)
        {
            return false;
        }

        reader.PopLimit(limit);
        entries.Add(new FeatureEntry(keyStart, keyLength, valueStart, valueLength));
        return true;
    }
}
