namespace SharpServing.Ops.Strings;

/// <summary>Base64 with the URL-safe alphabet, as EncodeBase64 and DecodeBase64 use it.</summary>
internal static class Base64
{
    public static byte[] Encode(byte[] text, bool pad)
    {
        string encoded = Convert.ToBase64String(text).Replace('+', '-').Replace('/', '_');
        return System.Text.Encoding.ASCII.GetBytes(pad ? encoded : encoded.TrimEnd('='));
    }

    /// <summary>Padding may be missing; unused last bits are ignored. Source: tensorflow/core/lib/strings/base64.cc.</summary>
    /// <exception cref="StatusException">INVALID_ARGUMENT: a character or the length does not fit.</exception>
    public static byte[] Decode(byte[] text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        byte[] decoded = new byte[(text.Length + 3) / 4 * 3];
        int written = 0;
        int next = 0;
        for (; text.Length - next > 4; next += 4)
        {
            written += DecodeGroup(text.AsSpan(next, 4), decoded.AsSpan(written));
        }

        int end = text.Length;
        if (end - next == 4 && text[^1] == '=')
        {
            end -= text[^2] == '=' ? 2 : 1;
        }

        if (end - next == 1)
        {
            throw StatusException.InvalidArgument("Base64 string length cannot be 1 modulo 4.");
        }

        written += DecodeGroup(text.AsSpan(next, end - next), decoded.AsSpan(written));
        return decoded[..written];
    }

    /// <summary>Two to four characters to one to three bytes.</summary>
    private static int DecodeGroup(ReadOnlySpan<byte> characters, Span<byte> target)
    {
        int bits = 0;
        for (int i = 0; i < 4; i++)
        {
            bits = (bits << 6) | (i < characters.Length ? ValueOf((char)characters[i]) : 0);
        }

        for (int i = 0; i < characters.Length - 1; i++)
        {
            target[i] = (byte)(bits >> (16 - (8 * i)));
        }

        return characters.Length - 1;
    }

    private static int ValueOf(char c) =>
        c switch
        {
            >= 'A' and <= 'Z' => c - 'A',
            >= 'a' and <= 'z' => c - 'a' + 26,
            >= '0' and <= '9' => c - '0' + 52,
            '-' => 62,
            '_' => 63,
            _ => throw StatusException.InvalidArgument("Invalid character found in base64."),
        };
}
