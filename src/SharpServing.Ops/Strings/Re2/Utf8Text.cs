namespace SharpServing.Ops.Strings.Re2;

/// <summary>UTF-8 as RE2 reads and writes it: surrogates are code points like others.</summary>
internal static class Utf8Text
{
    /// <summary>Reads one code point.</summary>
    /// <returns>Its length in bytes; 0 where the text is empty or no UTF-8.</returns>
    public static int Decode(ReadOnlySpan<byte> text, out int rune)
    {
        rune = text.IsEmpty ? 0 : text[0];
        if (text.IsEmpty || rune is >= 0x80 and < 0xC0 or > 0xF7)
        {
            return 0;
        }

        if (rune < 0x80)
        {
            return 1;
        }

        int length = rune < 0xE0 ? 2 : rune < 0xF0 ? 3 : 4;
        if (text.Length < length)
        {
            return 0;
        }

        rune &= 0x7F >> length;
        foreach (byte value in text[1..length])
        {
            if ((value & 0xC0) != 0x80)
            {
                return 0;
            }

            rune = (rune << 6) | (value & 0x3F);
        }

        int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        return rune < least || rune > RuneSet.MaxRune ? 0 : length;
    }

    public static byte[] Encode(int rune) => rune switch
    {
        < 0x80 => [(byte)rune],
        < 0x800 => [(byte)(0xC0 | (rune >> 6)), Last(rune)],
        < 0x10000 => [(byte)(0xE0 | (rune >> 12)), Last(rune >> 6), Last(rune)],
        _ => [(byte)(0xF0 | (rune >> 18)), Last(rune >> 12), Last(rune >> 6), Last(rune)],
    };

    private static byte Last(int bits) => (byte)(0x80 | (bits & 0x3F));
}
