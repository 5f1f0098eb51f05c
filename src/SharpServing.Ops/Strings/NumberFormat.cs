using System.Globalization;
using SharpServing.Runtime.Attributes;
using SharpServing.Tensors;

namespace SharpServing.Ops.Strings;

/// <summary>AsString's attributes as C's printf would apply them: precision, scientific, shortest, width, fill.</summary>
internal sealed class NumberFormat
{
    private readonly int _precision;
    private readonly bool _scientific;
    private readonly bool _shortest;
    private readonly int _width;
    private readonly string _fill;

    public NumberFormat(AttributeMap attributes, DType type)
    {
        _precision = (int)attributes.Int("precision");
        _scientific = attributes.Bool("scientific");
        _shortest = attributes.Bool("shortest");
        _width = (int)attributes.Int("width");
        _fill = attributes.String("fill");
        if (type.IsFloating() || type.IsComplex())
        {
            if (_scientific && _shortest)
            {
                throw StatusException.InvalidArgument("Cannot select both scientific and shortest notation");
            }
        }
        else if ((_scientific || _shortest) && type != DType.String)
        {
            throw StatusException.InvalidArgument("scientific and shortest format not supported for datatype " + type.ToName());
        }
        else if (_precision >= 0)
        {
            throw StatusException.InvalidArgument("precision not supported for datatype " + type.ToName());
        }

        if (_fill.Length > 1)
        {
            throw StatusException.InvalidArgument("Fill string must be one or fewer characters");
        }

        if (_fill is not ("" or " " or "+" or "-" or "0" or "#"))
        {
            throw StatusException.InvalidArgument($"Fill argument not supported: \"{_fill}\"");
        }
    }

    /// <summary>A string as %s prints it: only width and the flag - matter.</summary>
    public string Print(string text) => _fill == "-" ? text.PadRight(System.Math.Max(_width, 0)) : text.PadLeft(System.Math.Max(_width, 0));

    public string Print(Tensor tensor, int i) =>
        tensor.DType switch
        {
            DType.Float => Real(tensor.Span<float>()[i]),
            DType.Double => Real(tensor.Span<double>()[i]),
            DType.Half => Real((double)tensor.Span<Half>()[i]),
            DType.BFloat16 => Real((float)tensor.Span<BFloat16>()[i]),
            DType.Complex64 => $"({Real(tensor.Span<Complex64>()[i].Real)},{Real(tensor.Span<Complex64>()[i].Imaginary)})",
            DType.Complex128 => $"({Real(tensor.Span<System.Numerics.Complex>()[i].Real)},{Real(tensor.Span<System.Numerics.Complex>()[i].Imaginary)})",
            DType.Bool => tensor.Span<bool>()[i] ? "true" : "false",
            DType.Int8 => Signed(tensor.Span<sbyte>()[i]),
            DType.Int16 => Signed(tensor.Span<short>()[i]),
            DType.Int32 => Signed(tensor.Span<int>()[i]),
            DType.Int64 => Signed(tensor.Span<long>()[i]),
            DType.UInt8 => Unsigned(tensor.Span<byte>()[i]),
            DType.UInt16 => Unsigned(tensor.Span<ushort>()[i]),
            DType.UInt32 => Unsigned(tensor.Span<uint>()[i]),
            _ => Unsigned(tensor.Span<ulong>()[i]),
        };

    private string Signed(long value) => Pad(value.ToString(CultureInfo.InvariantCulture), hasSign: true);

    private string Unsigned(ulong value) => Pad(value.ToString(CultureInfo.InvariantCulture), hasSign: false);

    private string Real(double value)
    {
        if (!double.IsFinite(value))
        {
            return Pad(double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf", hasSign: true);
        }

        int precision = _precision < 0 ? 6 : _precision;
        string text = _scientific ? ExactDecimal.Scientific(value, precision)
            : _shortest ? ExactDecimal.General(value, precision, keepZeros: _fill == "#")
            : ExactDecimal.Fixed(value, precision);
        return Pad(text, hasSign: true);
    }

    /// <summary>printf's width with the fill as its flag: <c>0</c>, <c>-</c> (left), <c>+</c> and blank (sign).</summary>
    private string Pad(string text, bool hasSign)
    {
        bool negative = text is ['-', ..];
        if (hasSign && !negative && (_fill is "+" or " "))
        {
            text = _fill + text;
        }

        if (_width <= text.Length)
        {
            return text;
        }

        bool isNumber = char.IsAsciiDigit(text[^1]);
        return _fill switch
        {
            "-" => text.PadRight(_width),
            "0" when isNumber => negative ? "-" + text[1..].PadLeft(_width - 1, '0') : text.PadLeft(_width, '0'),
            _ => text.PadLeft(_width),
        };
    }
}
