namespace SharpServing.Ops.Strings.Re2;

/// <summary>Position in a pattern; reads code points and escapes (re2/parse.cc).</summary>
internal sealed class PatternReader(byte[] pattern)
{
    public int Position { get; set; }

    public int Length => pattern.Length;

    public bool IsAtEnd => Position >= pattern.Length;

    public ReadOnlySpan<byte> Rest => pattern.AsSpan(Position);

    /// <summary>The byte at a distance; 0 behind the end.</summary>
    public byte Peek(int distance = 0) => Position + distance < pattern.Length ? pattern[Position + distance] : (byte)0;

    public bool StartsWith(ReadOnlySpan<byte> text) => Rest.StartsWith(text);

    public byte[] Slice(int start, int end) => pattern[start..end];

    /// <exception cref="Re2SyntaxException">Not UTF-8, or at the end.</exception>
    public int ReadRune()
    {
        int length = Utf8Text.Decode(Rest, out int rune);
        if (length == 0)
        {
            throw new Re2SyntaxException("invalid UTF-8");
        }

        Position += length;
        return rune;
    }

    /// <summary>Fault with the part of the pattern from <paramref name="start"/> to here, or to the given end.</summary>
    public Re2SyntaxException Fault(string what, int start, int? end = null)
    {
        string quoted = StatusText.FromBytes(pattern.AsSpan(start, (end ?? Position) - start));
        return new Re2SyntaxException(quoted.Length == 0 ? what : $"{what}: {quoted}");
    }

    /// <summary>Refuses bytes that are no UTF-8 before a fault quotes them.</summary>
    public void RequireUtf8(int start, int end)
    {
        ReadOnlySpan<byte> text = pattern.AsSpan(start, end - start);
        while (!text.IsEmpty)
        {
            int length = Utf8Text.Decode(text, out _);
            if (length == 0)
            {
                throw new Re2SyntaxException("invalid UTF-8");
            }

            text = text[length..];
        }
    }

    /// <summary>Reads an escape that stands for one character, from its backslash on.</summary>
    public int ReadEscape()
    {
        int start = Position;
        if (Position + 1 >= pattern.Length)
        {
            throw new Re2SyntaxException("trailing \\");
        }

        Position++;
        int rune = ReadRune();
        switch (rune)
        {
            // A digit alone would be a back reference.
            case >= '1' and <= '7' when Peek() is < (byte)'0' or > (byte)'7':
                throw Fault("invalid escape sequence", start);
            case >= '0' and <= '7':
                return ReadOctal(rune - '0');
            case 'x':
                return ReadHex(start);
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'a':
                return '\a';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            default:
                return rune < 0x80 && !char.IsAsciiLetterOrDigit((char)rune) ? rune : throw Fault("invalid escape sequence", start);
        }
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; anything else is literal text.</summary>
    public bool TryReadCount(out int min, out int max)
    {
        int start = Position++;
        max = -1;
        bool isCount = TryReadInteger(out min);
        if (isCount && Peek() == ',')
        {
            Position++;
            isCount = Peek() == '}' || TryReadInteger(out max);
        }
        else
        {
            max = min;
        }

        isCount &= Peek() == '}';
        Position = isCount ? Position + 1 : start;
        return isCount;
    }

    public static bool IsWordCharacter(int rune) =>
        rune is >= '0' and <= '9' or >= 'A' and <= 'Z' or >= 'a' and <= 'z' or '_';

    private bool TryReadInteger(out int value)
    {
        value = 0;
        if (Peek() is < (byte)'0' or > (byte)'9' || (Peek() == '0' && Peek(1) is >= (byte)'0' and <= (byte)'9'))
        {
            return false;
        }

        for (; Peek() is >= (byte)'0' and <= (byte)'9'; Position++)
        {
            if (value >= 100_000_000)
            {
                return false;
            }

            value = (value * 10) + Peek() - '0';
        }

        return true;
    }

    private int ReadOctal(int value)
    {
        for (int i = 0; i < 2 && Peek() is >= (byte)'0' and <= (byte)'7'; i++)
        {
            value = (value * 8) + Peek() - '0';
            Position++;
        }

        return value;
    }

    private int ReadHex(int start)
    {
        if (IsAtEnd)
        {
            throw Fault("invalid escape sequence", start);
        }

        int high = ReadRune();
        if (high != '{')
        {
            if (IsAtEnd)
            {
                throw Fault("invalid escape sequence", start);
            }

            int low = ReadRune();
            return char.IsAsciiHexDigit(ToChar(high)) && char.IsAsciiHexDigit(ToChar(low))
                ? (DigitOf(high) * 16) + DigitOf(low)
                : throw Fault("invalid escape sequence", start);
        }

        int value = 0;
        int count = 0;
        int rune = ReadRune();
        for (; char.IsAsciiHexDigit(ToChar(rune)); rune = ReadRune(), count++)
        {
            value = (value * 16) + DigitOf(rune);
            if (value > RuneSet.MaxRune || IsAtEnd)
            {
                throw Fault("invalid escape sequence", start);
            }
        }

        return rune == '}' && count > 0 ? value : throw Fault("invalid escape sequence", start);
    }

    private static char ToChar(int rune) => rune < 0x80 ? (char)rune : '\0';

    private static int DigitOf(int rune) => rune <= '9' ? rune - '0' : (rune | 0x20) - 'a' + 10;
}
