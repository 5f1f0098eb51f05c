namespace SharpServing.Ops.Strings.Re2;

/// <summary>A run of byte ranges: every choice of one byte from each is a code point of a class.</summary>
internal readonly struct ByteSequence((byte Low, byte High)[] ranges)
{
    public int Length => ranges.Length;

    public (byte Low, byte High) this[int index] => ranges[index];
}
