namespace SharpServing.Protos.Text;

/// <summary>Kinds of token of protobuf's tokenizer.</summary>
internal enum TextFormatTokenType
{
    Start,
    End,

    /// <summary>A letter or underscore, then letters, digits and underscores.</summary>
    Identifier,

    /// <summary>Decimal, octal (<c>017</c>) or hexadecimal (<c>0x1f</c>), without sign.</summary>
    Integer,

    /// <summary>With a point, an exponent, or the suffix <c>f</c>; without sign.</summary>
    Float,

    /// <summary>Quoted with <c>'</c> or <c>"</c>, quotes and escapes included.</summary>
    String,

    /// <summary>Any other single byte.</summary>
    Symbol,
}
