namespace SharpServing.Ops.Strings;

/// <summary>Base64 with the URL-safe alphabet, as EncodeBase64 and DecodeBase64 use it.</summary>
internal static class Base64
{
    public static byte[] Encode(byte[] text, bool pad)
    {
        string encoded = Convert.ToBase64String(text).Replace('+', '-').Replace('/', '_');
        return System.Text.Encoding.ASCII.GetBytes(pad ? encoded : encoded.TrimEnd('='));
    }

    /// <exception cref="StatusException">INVALID_ARGUMENT: a character or the length does not fit.</exception>
    public static byte[] Decode(byte[] text)
    {
        int length = text.Length;
        while (length > 0 && text[length - 1] == '=' && text.Length - length < 2)
        {
            length--;
        }

        int tail = length % 4;
        if (tail == 1 || (length < text.Length && text.Length % 4 != 0))
        {
            throw StatusException.InvalidArgument("Base64 string length (after padding) must be a multiple of 4 or have a valid tail");
        }

        char[] characters = new char[(length + 3) / 4 * 4];
        System.Array.Fill(characters, '=');
        for (int i = 0; i < length; i++)
        {
            char c = (char)text[i];
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                throw StatusException.InvalidArgument("Invalid character found in base64.");
            }

            characters[i] = c == '-' ? '+' : c == '_' ? '/' : c;
        }

        try
        {
            return Convert.FromBase64CharArray(characters, 0, characters.Length);
        }
        catch (FormatException)
        {
            throw StatusException.InvalidArgument("Invalid character found in base64.");
        }
    }
}
