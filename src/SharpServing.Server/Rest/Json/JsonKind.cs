namespace SharpServing.Server.Rest.Json;

/// <summary>Kinds of values; a number is what its text says: an integer within 64 bits, or a double.</summary>
internal enum JsonKind : byte
{
    Null,
    False,
    True,
    Object,
    Array,
    String,

    /// <summary>An integer that fits an int64.</summary>
    Int64,

    /// <summary>An integer beyond int64 that fits an uint64.</summary>
    UInt64,

    /// <summary>A number with a fraction or an exponent, a larger integer, NaN or an infinity.</summary>
    Double,
}
