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
        if (_fill.Length > 1)
        {
            throw StatusException.InvalidArgument($"Fill string must be one or fewer characters but got {_fill.Length}");
        }

        if (_scientific && _shortest)
        {
            throw StatusException.InvalidArgument("Cannot select both scientific and shortest notation");
        }

        bool isFloat = type.IsFloating() || type.IsComplex();
        if (!isFloat && type != DType.Bool && (_scientific || _shortest))
        {
            throw StatusException.InvalidArgument("scientific and shortest format not supported for datatype " + type.ToName());
        }

        if (!isFloat && _precision >= 0)
        {
            throw StatusException.InvalidArgument("precision not supported for datatype " + type.ToName());
        }
    }

    public string Print(Tensor tensor, int i) =>
        tensor.DType switch
        {
            DType.Float => Pad(Real(tensor.Span<float>()[i])),
            DType.Double => Pad(Real(tensor.Span<double>()[i])),
            DType.Half => Pad(Real((double)tensor.Span<Half>()[i])),
            DType.BFloat16 => Pad(Real((float)tensor.Span<BFloat16>()[i])),
            DType.Complex64 => $"({Pad(Real(tensor.Span<Complex64>()[i].Real))},{Pad(Real(tensor.Span<Complex64>()[i].Imaginary))})",
            DType.Complex128 => $"({Pad(Real(tensor.Span<System.Numerics.Complex>()[i].Real))},{Pad(Real(tensor.Span<System.Numerics.Complex>()[i].Imaginary))})",
            DType.Bool => tensor.Span<bool>()[i] ? "true" : "false",
            DType.Int8 => Pad(Whole(tensor.Span<sbyte>()[i])),
            DType.Int16 => Pad(Whole(tensor.Span<short>()[i])),
            DType.Int32 => Pad(Whole(tensor.Span<int>()[i])),
            DType.Int64 => Pad(Whole(tensor.Span<long>()[i])),
            DType.UInt8 => Pad(Whole(tensor.Span<byte>()[i])),
            DType.UInt16 => Pad(Whole(tensor.Span<ushort>()[i])),
            DType.UInt32 => Pad(Whole(tensor.Span<uint>()[i])),
            _ => Pad(tensor.Span<ulong>()[i].ToString(CultureInfo.InvariantCulture)),
        };

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private string Real(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        int precision = _precision < 0 ? 6 : _precision;
        if (_scientific)
        {
            return value.ToString((precision == 0 ? "0" : "0." + new string('0', precision)) + "e+00", CultureInfo.InvariantCulture);
        }

        return _shortest ? General(value, precision == 0 ? 1 : precision) : value.ToString("F" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>C's %g.</summary>
    private static string General(double value, int precision)
    {
        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }

        string scientific = value.ToString((precision == 1 ? "0" : "0." + new string('0', precision - 1)) + "e+00", CultureInfo.InvariantCulture);
        int e = scientific.IndexOf('e', StringComparison.Ordinal);
        int exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= precision)
        {
            string mantissa = scientific[..e];
            return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + scientific[e..];
        }

        string plain = value.ToString("F" + (precision - 1 - exponent).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return plain.Contains('.', StringComparison.Ordinal) ? plain.TrimEnd('0').TrimEnd('.') : plain;
    }

    /// <summary>printf's width with the fill as its flag: <c>0</c>, <c>-</c> (left), <c>+</c> and blank (sign).</summary>
    private string Pad(string text)
    {
        bool negative = text is ['-', ..];
        if (!negative && _fill is "+" or " ")
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
