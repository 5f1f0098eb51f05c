using System.Buffers.Text;
using System.Globalization;
using System.Numerics;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// Numbers as the original's answers print them: six significant digits as <c>%g</c> where these read back to the same value, else
/// <c>%.9g</c> for float and <c>%.17g</c> for double; <c>.0</c> behind a text with neither point nor exponent; NaN and infinities bare.
/// Denormal values print as zero, since the original's threads flush them.
/// </summary>
internal static class NumberText
{
    /// <summary>Bytes that any number needs at most.</summary>
    public const int MaxLength = 32;

    private const int ShortDigits = 6;

    /// <returns>Bytes written.</returns>
    public static int Write(float value, Span<byte> target) => Write(value, "E8", 64, 1000, target);

    /// <returns>Bytes written.</returns>
    public static int Write(double value, Span<byte> target) => Write(value, "E16", 16, 100_000_000_000, target);

    /// <param name="value">Any.</param>
    /// <param name="format">Gives all digits that tell two values apart.</param>
    /// <param name="slack">Beyond this distance of the digits behind the sixth from 0 and from <paramref name="tailRange"/>, six are not enough.</param>
    /// <param name="tailRange">Ten to the number of these digits.</param>
    /// <param name="target">Of <see cref="MaxLength"/> bytes.</param>
    private static int Write<T>(T value, string format, long slack, long tailRange, Span<byte> target)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        if (!T.IsFinite(value))
        {
            return WriteSpecial(T.IsNaN(value), T.IsNegative(value), target);
        }

        if (T.IsSubnormal(value))
        {
            value = T.IsNegative(value) ? T.NegativeZero : T.Zero;
        }

        int integer = int.CreateSaturating(value);
        if (integer is > -1000000 and < 1000000 && T.CreateTruncating(integer) == value)
        {
            return WriteInteger(integer, T.IsNegative(value), target);
        }

        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture);
        var digits = new Digits(text[..length]);
        long tail = digits.Tail(ShortDigits);
        if (tail <= slack || tail >= tailRange - slack)
        {
            Span<byte> shorter = stackalloc byte[MaxLength];
            value.TryFormat(shorter, out length, "E5", CultureInfo.InvariantCulture);
            if (T.TryParse(shorter[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out T again) && again == value)
            {
                return Format(new Digits(shorter[..length]), target);
            }
        }

        return Format(digits, target);
    }

    private static int WriteInteger(int value, bool negative, Span<byte> target)
    {
        int at = 0;
        if (negative && value == 0)
        {
            target[at++] = (byte)'-';
        }

        Utf8Formatter.TryFormat(value, target[at..], out int length);
        at += length;
        target[at] = (byte)'.';
        target[at + 1] = (byte)'0';
        return at + 2;
    }

    private static int WriteSpecial(bool nan, bool negative, Span<byte> target)
    {
        ReadOnlySpan<byte> text = nan ? "NaN"u8 : negative ? "-Infinity"u8 : "Infinity"u8;
        text.CopyTo(target);
        return text.Length;
    }

    /// <summary><c>%g</c> with as many digits as there are, trailing zeros dropped.</summary>
    private static int Format(in Digits digits, Span<byte> target)
    {
        int precision = digits.Count;
        int count = digits.CountWithoutZeros();
        int at = 0;
        if (digits.Negative)
        {
            target[at++] = (byte)'-';
        }

        int exponent = digits.Exponent;
        if (exponent < -4 || exponent >= precision)
        {
            return FormatScientific(digits, count, target, at);
        }

        if (exponent < 0)
        {
            target[at++] = (byte)'0';
            target[at++] = (byte)'.';
            target.Slice(at, -exponent - 1).Fill((byte)'0');
            at += -exponent - 1;
            return at + digits.CopyTo(0, count, target[at..]);
        }

        int before = exponent + 1;
        at += digits.CopyTo(0, Math.Min(before, count), target[at..]);
        for (int i = count; i < before; i++)
        {
            target[at++] = (byte)'0';
        }

        target[at++] = (byte)'.';
        if (count <= before)
        {
            target[at++] = (byte)'0';
            return at;
        }

        return at + digits.CopyTo(before, count - before, target[at..]);
    }

    private static int FormatScientific(in Digits digits, int count, Span<byte> target, int at)
    {
        at += digits.CopyTo(0, 1, target[at..]);
        if (count > 1)
        {
            target[at++] = (byte)'.';
            at += digits.CopyTo(1, count - 1, target[at..]);
        }

        int exponent = digits.Exponent;
        target[at++] = (byte)'e';
        target[at++] = (byte)(exponent < 0 ? '-' : '+');
        exponent = Math.Abs(exponent);
        if (exponent < 10)
        {
            target[at++] = (byte)'0';
        }

        Utf8Formatter.TryFormat(exponent, target[at..], out int length);
        return at + length;
    }

    /// <summary>The parts of a text of the form <c>-d.ddddE+ddd</c>.</summary>
    private readonly ref struct Digits
    {
        private readonly ReadOnlySpan<byte> _text;

        public Digits(ReadOnlySpan<byte> text)
        {
            Negative = text[0] == '-';
            _text = Negative ? text[1..] : text;
            int e = _text.IndexOf((byte)'E');
            Count = e - 1;
            Exponent = int.Parse(_text[(e + 1)..], CultureInfo.InvariantCulture);
        }

        public bool Negative { get; }

        /// <summary>Digits in all.</summary>
        public int Count { get; }

        /// <summary>Power of ten of the first digit.</summary>
        public int Exponent { get; }

        public int CountWithoutZeros()
        {
            int count = Count;
            while (count > 1 && _text[count] == '0')
            {
                count--;
            }

            return count;
        }

        /// <summary>The digits behind the first <paramref name="digits"/> as a number.</summary>
        public long Tail(int digits)
        {
            long tail = 0;
            for (int i = digits; i < Count; i++)
            {
                tail = tail * 10 + (_text[i + 1] - '0');
            }

            return tail;
        }

        /// <summary>Copies digits, without the point.</summary>
        public int CopyTo(int first, int count, Span<byte> target)
        {
            for (int i = 0; i < count; i++)
            {
                int digit = first + i;
                target[i] = _text[digit == 0 ? 0 : digit + 1];
            }

            return count;
        }
    }
}
