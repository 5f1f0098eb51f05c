using System.Runtime.CompilerServices;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// One number, as RapidJSON's <c>ParseNumber</c> with normal precision: up to 17 significant digits are gathered in an integer and then
/// in a double, and one multiplication or division by a power of ten follows. Denormal results become zero, since the original
/// parses with denormals flushed.
/// </summary>
internal ref struct JsonNumberParser
{
    private const ulong MaxExactSignificand = 0x1FFFFFFFFFFFFF;
    private const int MaxSignificantDigits = 17;
    private const int MaxExponent = 308;
    private const double MinNormal = 2.2250738585072014e-308;

    /// <summary>NaN as C++ has it; the sign bit is set in .NET's.</summary>
    private const ulong QuietNaN = 0x7FF8000000000000;

    private static readonly double[] Powers = MakePowers();

    private readonly ReadOnlySpan<byte> _text;
    private readonly int _start;

    public JsonNumberParser(ReadOnlySpan<byte> text, int start)
    {
        _text = text;
        _start = start;
        Position = start;
    }

    /// <summary>Behind the number, or where it fails.</summary>
    public int Position { get; private set; }

    public string? Error { get; private set; }

    public int ErrorAt { get; private set; }

    /// <summary>
    /// The usual numbers: at most 18 digits before the point and three in the exponent. Same steps as the full parser, on locals.
    /// </summary>
    /// <returns>False for all others; nothing has then been read.</returns>
    public static bool TryParseUsual(ReadOnlySpan<byte> text, ref int position, out JsonKind kind, out ulong bits)
    {
        kind = JsonKind.Int64;
        bits = 0;
        int at = position;
        bool minus = at < text.Length && text[at] == '-';
        at += minus ? 1 : 0;
        int first = at;
        ulong integer = 0;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            integer = integer * 10 + (uint)(text[at] - '0');
        }

        int count = at - first;
        if (count is 0 or > 18 || (count > 1 && text[first] == '0') || at == text.Length)
        {
            return false;
        }

        if (text[at] is not ((byte)'.' or (byte)'e' or (byte)'E'))
        {
            bits = minus ? ~integer + 1 : integer;
            position = at;
            return true;
        }

        kind = JsonKind.Double;
        int exponent = 0;
        double value = integer;
        if (text[at] == '.')
        {
            int point = ++at;
            int significant = count - 1;
            for (; at < text.Length && (uint)(text[at] - '0') <= 9 && integer <= MaxExactSignificand; at++)
            {
                integer = integer * 10 + (uint)(text[at] - '0');
                significant += integer != 0 ? 1 : 0;
            }

            exponent = point - at;
            value = integer;
            for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            {
                if (significant < MaxSignificantDigits)
                {
                    value = value * 10 + (text[at] - '0');
                    exponent--;
                    significant++;
                }
            }

            if (at == point || at == text.Length)
            {
                return false;
            }
        }

        if (text[at] is (byte)'e' or (byte)'E')
        {
            at++;
            bool down = at < text.Length && text[at] == '-';
            at += at < text.Length && text[at] is (byte)'-' or (byte)'+' ? 1 : 0;
            int power = 0;
            int start = at;
            for (; at < text.Length && (uint)(text[at] - '0') <= 9 && at - start < 4; at++)
            {
                power = power * 10 + (text[at] - '0');
            }

            if (at - start is 0 or > 3 || (!down && power > MaxExponent - exponent))
            {
                return false;
            }

            exponent += down ? -power : power;
        }

        value = Scale(value, exponent);
        bits = BitConverter.DoubleToUInt64Bits(minus ? -value : value);
        position = at;
        return true;
    }

    public bool TryParse(out JsonKind kind, out ulong bits)
    {
        kind = JsonKind.Double;
        bits = 0;
        bool minus = Consume((byte)'-');
        ulong integer = 0;
        double value = 0;
        bool isDouble = false;
        bool isSpecial = false;
        int significant = 0;
        if (Peek() == '0')
        {
            Position++;
        }
        else if (IsDigit())
        {
            isDouble = ReadInteger(minus, ref integer, ref significant, ref value);
            if (Error is not null)
            {
                return false;
            }
        }
        else if (TryParseSpecial(minus, ref bits))
        {
            // As in RapidJSON, a fraction or an exponent may follow, and then counts from zero: NaN.5 is 0.5.
            isSpecial = true;
        }
        else
        {
            return false;
        }

        int fractionExponent = 0;
        if (Consume((byte)'.') && !TryReadFraction(integer, ref isDouble, ref value, ref significant, ref fractionExponent))
        {
            return false;
        }

        int exponent = 0;
        if (Consume((byte)'e') || Consume((byte)'E'))
        {
            if (!isDouble)
            {
                value = integer;
                isDouble = true;
            }

            if (!TryReadExponent(fractionExponent, ref exponent))
            {
                return false;
            }
        }

        if (isDouble)
        {
            value = Scale(value, (long)exponent + fractionExponent);
            bits = BitConverter.DoubleToUInt64Bits(minus ? -value : value);
            return true;
        }

        if (isSpecial)
        {
            return true;
        }

        kind = minus || integer <= long.MaxValue ? JsonKind.Int64 : JsonKind.UInt64;
        bits = minus ? ~integer + 1 : integer;
        return true;
    }

    private static double[] MakePowers()
    {
        double[] powers = new double[MaxExponent + 1];
        for (int i = 0; i < powers.Length; i++)
        {
            powers[i] = double.Parse($"1e{i}", System.Globalization.CultureInfo.InvariantCulture);
        }

        return powers;
    }

    private static double Scale(double value, long exponent)
    {
        if (exponent >= -MaxExponent)
        {
            return exponent >= 0 ? value * Powers[exponent] : Divide(value, Powers[-exponent]);
        }

        value = Divide(value, Powers[MaxExponent]);
        exponent += MaxExponent;
        return exponent < -MaxExponent ? 0 : Divide(value, Powers[-exponent]);
    }

    /// <summary>Quotient with a result below the normal range flushed to zero; "below" is decided before that range cuts digits off.</summary>
    private static double Divide(double value, double divisor)
    {
        double quotient = value / divisor;
        if (quotient > MinNormal)
        {
            return quotient;
        }

        const double Up = 1.2676506002282294e30; // 2^100
        return value * Up / divisor < MinNormal * Up ? 0 : quotient;
    }

    private readonly byte Peek() => Position < _text.Length ? _text[Position] : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsDigit() => Position < _text.Length && (uint)(_text[Position] - '0') <= 9;

    private bool Consume(byte expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        Position++;
        return true;
    }

    private bool Fail(string error, int at)
    {
        Error = error;
        ErrorAt = at;
        return false;
    }

    /// <summary>NaN, Inf and Infinity; the sign of NaN is dropped.</summary>
    private bool TryParseSpecial(bool minus, ref ulong bits)
    {
        if (Peek() is not ((byte)'N' or (byte)'I'))
        {
            return Fail("Invalid value.", Position);
        }

        double value;
        if (Consume((byte)'N') && Consume((byte)'a') && Consume((byte)'N'))
        {
            bits = QuietNaN;
            return true;
        }
        else if (Consume((byte)'I') && Consume((byte)'n') && Consume((byte)'f'))
        {
            value = minus ? double.NegativeInfinity : double.PositiveInfinity;
            if (Peek() == 'i' && !ConsumeAll("inity"u8))
            {
                return Fail("Invalid value.", Position);
            }
        }
        else
        {
            return Fail("Invalid value.", Position);
        }

        bits = BitConverter.DoubleToUInt64Bits(value);
        return true;
    }

    private bool ConsumeAll(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (!Consume(b))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>True when the integer is beyond 64 bits and continues as a double.</returns>
    private bool ReadInteger(bool minus, ref ulong integer, ref int significant, ref double value)
    {
        integer = (ulong)(_text[Position++] - '0');
        ulong limit = minus ? 0x0CCCCCCCCCCCCCCCUL : 0x1999999999999999UL;
        int lastDigit = minus ? '8' : '5';
        while (IsDigit())
        {
            if (integer >= limit && (integer != limit || _text[Position] > lastDigit))
            {
                value = integer;
                while (IsDigit())
                {
                    if (value >= 1.7976931348623157e307)
                    {
                        Fail("Number too big to be stored in double.", _start);
                        return true;
                    }

                    value = value * 10 + (_text[Position++] - '0');
                }

                return true;
            }

            integer = integer * 10 + (ulong)(_text[Position++] - '0');
            significant++;
        }

        return false;
    }

    private bool TryReadFraction(ulong integer, ref bool isDouble, ref double value, ref int significant, ref int exponent)
    {
        if (!IsDigit())
        {
            return Fail("Miss fraction part in number.", Position);
        }

        if (!isDouble)
        {
            while (IsDigit() && integer <= MaxExactSignificand)
            {
                integer = integer * 10 + (ulong)(_text[Position++] - '0');
                exponent--;
                if (integer != 0)
                {
                    significant++;
                }
            }

            value = integer;
            isDouble = true;
        }

        while (IsDigit())
        {
            int digit = _text[Position++] - '0';
            if (significant < MaxSignificantDigits)
            {
                value = value * 10 + digit;
                exponent--;
                if (value > 0)
                {
                    significant++;
                }
            }
        }

        return true;
    }

    private bool TryReadExponent(int fractionExponent, ref int exponent)
    {
        bool minus = false;
        if (!Consume((byte)'+'))
        {
            minus = Consume((byte)'-');
        }

        if (!IsDigit())
        {
            return Fail("Miss exponent in number.", Position);
        }

        int max = MaxExponent - fractionExponent;
        exponent = _text[Position++] - '0';
        while (IsDigit())
        {
            exponent = exponent * 10 + (_text[Position++] - '0');
            if (minus ? exponent >= 214748364 : exponent > max)
            {
                if (!minus)
                {
                    return Fail("Number too big to be stored in double.", _start);
                }

                while (IsDigit())
                {
                    Position++;
                }
            }
        }

        exponent = minus ? -exponent : exponent;
        return true;
    }
}
