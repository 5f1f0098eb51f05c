namespace SharpServing.Ops.Parsing;

/// <summary>Where key and value of one entry of a map of features lie in the serialized example. Unit: bytes.</summary>
internal readonly record struct FeatureEntry(int KeyStart, int KeyLength, int ValueStart, int ValueLength)
{
    public ReadOnlySpan<byte> Key(ReadOnlySpan<byte> example) => example.Slice(KeyStart, KeyLength);

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> example) => example.Slice(ValueStart, ValueLength);
}
