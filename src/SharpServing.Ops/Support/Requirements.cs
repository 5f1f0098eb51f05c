using System.Runtime.CompilerServices;

namespace SharpServing.Ops.Support;

/// <summary>What a kernel asks of its inputs. Text is put together only for a fault.</summary>
internal static class Requirements
{
    /// <exception cref="StatusException">INVALID_ARGUMENT with <paramref name="fault"/> when <paramref name="condition"/> does not hold.</exception>
    public static void Require(bool condition, string fault)
    {
        if (!condition)
        {
            throw StatusException.InvalidArgument(fault);
        }
    }

    /// <inheritdoc cref="Require(bool, string)"/>
    public static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref FaultText fault)
    {
        if (!condition)
        {
            throw StatusException.InvalidArgument(fault.Take());
        }
    }

    /// <summary>An interpolated text that stays empty while the condition holds: its holes are not evaluated then.</summary>
    [InterpolatedStringHandler]
    internal ref struct FaultText
    {
        private DefaultInterpolatedStringHandler _text;

        public FaultText(int literalLength, int formattedCount, bool condition, out bool isFault)
        {
            isFault = !condition;
            _text = isFault
                ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture)
                : default;
        }

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public string Take() => _text.ToStringAndClear();
    }
}
