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

    /// <summary>Beyond this distance of the last three of nine digits from 000, the first six do not read back to the same float.</summary>
    private const int FloatSlack = 64;

    /// <returns>Bytes written.</returns>
    public static int Write(float value, Span<byte> target)
    {
        if (TryWriteSimple(value, target, out int written))
        {
            return written;
        }

        float magnitude = MathF.Abs(value);
        if (!FloatDigits.TryGet(magnitude, out uint nine, out int exponent))
        {
            return WriteSlowly(value, "E8", FloatSlack, 1000, target);
        }

        Span<byte> digits = stackalloc byte[9];
        uint tail = nine % 1000;
        if (tail is <= FloatSlack or >= 1000 - FloatSlack)
        {
            uint six = nine / 1000 + (tail >= 500 ? 1u : 0);
            switch (FloatDigits.ReadsBack(magnitude, six, exponent - (ShortDigits - 1)))
            {
                case null:
                    return WriteSlowly(value, "E8", FloatSlack, 1000, target);
                case true:
                    exponent += six == 1_000_000 ? 1 : 0;
                    Split(six == 1_000_000 ? 100_000 : six, digits[..ShortDigits]);
                    return Format(new Digits(digits[..ShortDigits], exponent, value < 0), target);
            }
        }

        Split(nine, digits);
        return Format(new Digits(digits, exponent, value < 0), target);
    }

    /// <returns>Bytes written.</returns>
    public static int Write(double value, Span<byte> target) =>
        TryWriteSimple(value, target, out int written) ? written : WriteSlowly(value, "E16", 16, 100_000_000_000, target);

    /// <summary>NaN, infinities, zero and integers of up to six digits.</summary>
    private static bool TryWriteSimple<T>(T value, Span<byte> target, out int written)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        written = 0;
        if (!T.IsFinite(value))
        {
            ReadOnlySpan<byte> text = T.IsNaN(value) ? "NaN"u8 : T.IsNegative(value) ? "-Infinity"u8 : "Infinity"u8;
            text.CopyTo(target);
            written = text.Length;
            return true;
        }

        if (T.IsSubnormal(value))
        {
            value = T.IsNegative(value) ? T.NegativeZero : T.Zero;
        }

        int integer = int.CreateSaturating(value);
        if (integer is <= -1000000 or >= 1000000 || T.CreateTruncating(integer) != value)
        {
            return false;
        }

        if (integer == 0 && T.IsNegative(value))
        {
            target[written++] = (byte)'-';
        }

        Utf8Formatter.TryFormat(integer, target[written..], out int length);
        written += length;
        target[written++] = (byte)'.';
        target[written++] = (byte)'0';
        return true;
    }

    /// <param name="value">Finite and normal.</param>
    /// <param name="format">Gives all digits that tell two values apart.</param>
    /// <param name="slack">Beyond this distance of the digits behind the sixth from 0 and from <paramref name="tailRange"/>, six are not enough.</param>
    /// <param name="tailRange">Ten to the number of these digits.</param>
    /// <param name="target">Of <see cref="MaxLength"/> bytes.</param>
    private static int WriteSlowly<T>(T value, string format, long slack, long tailRange, Span<byte> target)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture);
        Digits digits = Parse(text[..length]);
        long tail = digits.Tail(ShortDigits);
        if (tail <= slack || tail >= tailRange - slack)
        {
            Span<byte> shorter = stackalloc byte[MaxLength];
            value.TryFormat(shorter, out length, "E5", CultureInfo.InvariantCulture);
            if (T.TryParse(shorter[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out T again) && again == value)
            {
                return Format(Parse(shorter[..length]), target);
            }
        }

        return Format(digits, target);
    }

    /// <summary>Reads <c>-d.ddddE+ddd</c>; its digits are moved together.</summary>
    private static Digits Parse(Span<byte> text)
    {
        bool negative = text[0] == '-';
        text = negative ? text[1..] : text;
        int e = text.IndexOf((byte)'E');
        int exponent = int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture);
        text[1] = text[0];
        return new Digits(text[1..e], exponent, negative);
    }

    private static void Split(uint number, Span<byte> digits)
    {
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            (number, uint digit) = Math.DivRem(number, 10);
            digits[i] = (byte)('0' + digit);
        }
    }

    /// <summary><c>%g</c> with as many digits as there are, trailing zeros dropped.</summary>
    private static int Format(in Digits digits, Span<byte> target)
    {
        int at = 0;
        if (digits.Negative)
        {
            target[at++] = (byte)'-';
        }

        ReadOnlySpan<byte> all = digits.Text;
        int exponent = digits.Exponent;
        ReadOnlySpan<byte> text = all[..(all.LastIndexOfAnyExcept((byte)'0') + 1)];
        if (exponent < -4 || exponent >= all.Length)
        {
            return FormatScientific(text, exponent, target, at);
        }

        if (exponent < 0)
        {
            "0.000"u8[..(1 - exponent)].CopyTo(target[at..]);
            at += 1 - exponent;
            text.CopyTo(target[at..]);
            return at + text.Length;
        }

        int before = Math.Min(exponent + 1, text.Length);
        text[..before].CopyTo(target[at..]);
        at += before;
        for (; before <= exponent; before++)
        {
            target[at++] = (byte)'0';
        }

        target[at++] = (byte)'.';
        if (text.Length <= exponent + 1)
        {
            target[at++] = (byte)'0';
            return at;
        }

        text = text[(exponent + 1)..];
        text.CopyTo(target[at..]);
        return at + text.Length;
    }

    private static int FormatScientific(ReadOnlySpan<byte> text, int exponent, Span<byte> target, int at)
    {
        target[at++] = text[0];
        if (text.Length > 1)
        {
            target[at++] = (byte)'.';
            text[1..].CopyTo(target[at..]);
            at += text.Length - 1;
        }

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

    /// <summary>Significant digits, and the power of ten of the first.</summary>
    private readonly ref struct Digits
    {
        public Digits(ReadOnlySpan<byte> text, int exponent, bool negative)
        {
            Text = text;
            Exponent = exponent;
            Negative = negative;
        }

        public ReadOnlySpan<byte> Text { get; }

        public int Exponent { get; }

        public bool Negative { get; }

        /// <summary>The digits behind the first <paramref name="digits"/> as a number.</summary>
        public long Tail(int digits)
        {
            long tail = 0;
            foreach (byte digit in Text[digits..])
            {
                tail = tail * 10 + (digit - '0');
            }

            return tail;
        }
    }
}
