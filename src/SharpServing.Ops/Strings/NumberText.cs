using System.Globalization;

namespace SharpServing.Ops.Strings;

/// <summary>Float texts as C's strtod takes them: decimal, inf, infinity, nan in any case.</summary>
internal static class NumberText
{
    private const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly System.Buffers.SearchValues<char> Plain = System.Buffers.SearchValues.Create("0123456789+-.eE");

    public static bool TryParseFloat(string text, out float value)
    {
        if (TrySpecial(text, out double special))
        {
            value = (float)special;
            return true;
        }

        return float.TryParse(text, Float, CultureInfo.InvariantCulture, out value) && IsPlain(text);
    }

    public static bool TryParseDouble(string text, out double value) =>
        TrySpecial(text, out value) || (double.TryParse(text, Float, CultureInfo.InvariantCulture, out value) && IsPlain(text));

    /// <summary>.NET would also take "Infinity" and currency-like texts; only digits, sign, point and exponent are left here.</summary>
    private static bool IsPlain(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Plain);

    private static bool TrySpecial(string text, out double value)
    {
        bool negative = text is ['-', ..];
        string bare = (text is ['-' or '+', ..] ? text[1..] : text).ToUpperInvariant();
        value = bare switch
        {
            "INF" or "INFINITY" => negative ? double.NegativeInfinity : double.PositiveInfinity,
            "NAN" => double.NaN,
            _ => 0,
        };
        return bare is "INF" or "INFINITY" or "NAN";
    }
}
