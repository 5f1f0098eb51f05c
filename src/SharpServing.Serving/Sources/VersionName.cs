namespace SharpServing.Serving;

/// <summary>Names of version directories.</summary>
public static class VersionName
{
    /// <summary>
    /// Whether a name is a version: the whole name is a decimal int64; blanks around it, a sign and leading zeros are accepted
    /// (<c>00017</c>, <c>+5</c>, <c>-3</c>). Source: absl::SimpleAtoi.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> name, out long version)
    {
        version = 0;
        ReadOnlySpan<char> digits = name.Trim(" \t\n\v\f\r");
        bool negative = false;
        if (!digits.IsEmpty && (digits[0] is '+' or '-'))
        {
            negative = digits[0] == '-';
            digits = digits[1..];
        }

        if (digits.IsEmpty)
        {
            return false;
        }

        foreach (char c in digits)      // towards the negative side, which reaches one further
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            int digit = c - '0';
            if (version < long.MinValue / 10 || version * 10 < long.MinValue + digit)
            {
                return false;
            }

            version = (version * 10) - digit;
        }

        if (!negative)
        {
            if (version == long.MinValue)
            {
                return false;
            }

            version = -version;
        }

        return true;
    }
}
