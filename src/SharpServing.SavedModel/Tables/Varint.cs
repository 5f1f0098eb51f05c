namespace SharpServing.SavedModel.Tables;

/// <summary>Base-128 integers, least significant group first.</summary>
internal static class Varint
{
    /// <summary>False at the end of the bytes and beyond ten groups; <paramref name="at"/> is then undefined.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && at < bytes.Length; shift += 7)
        {
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
