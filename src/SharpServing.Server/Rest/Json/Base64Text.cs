namespace SharpServing.Server.Rest.Json;

/// <summary>
/// Base64 as the original reads it (<c>absl::Base64Unescape</c>): white space anywhere, padding all or none, bits behind the last byte
/// ignored, the URL-safe alphabet refused.
/// </summary>
internal static class Base64Text
{
    private static readonly sbyte[] Values = MakeValues();

    /// <summary>At most as many bytes as <see cref="TryDecode"/> writes.</summary>
    public static int MaxDecodedLength(int length) => length / 4 * 3 + 3;

    /// <returns>False for what is no base64.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> target, out int written)
    {
        written = 0;
        int bits = 0;
        int count = 0;
        int at = 0;
        for (; at < text.Length && text[at] != '='; at++)
        {
            if (IsBlank(text[at]))
            {
                continue;
            }

            int value = Values[text[at]];
            if (value < 0)
            {
                return false;
            }

            bits = bits << 6 | value;
            if (++count % 4 == 0)
            {
                target[written] = (byte)(bits >> 16);
                target[written + 1] = (byte)(bits >> 8);
                target[written + 2] = (byte)bits;
                written += 3;
            }
        }

        switch (count % 4)
        {
            case 1:
                return false;
            case 2:
                target[written++] = (byte)(bits >> 4);
                break;
            case 3:
                target[written++] = (byte)(bits >> 10);
                target[written++] = (byte)(bits >> 2);
                break;
        }

        int padding = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '=')
            {
                padding++;
            }
            else if (!IsBlank(text[at]))
            {
                return false;
            }
        }

        return padding == 0 || padding == (4 - count % 4) % 4;
    }

    private static bool IsBlank(byte b) => b is (byte)' ' or >= 9 and <= 13;

    private static sbyte[] MakeValues()
    {
        sbyte[] values = new sbyte[256];
        Array.Fill(values, (sbyte)-1);
        ReadOnlySpan<byte> alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        for (int i = 0; i < alphabet.Length; i++)
        {
            values[alphabet[i]] = (sbyte)i;
        }

        return values;
    }
}
