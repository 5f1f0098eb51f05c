using System.Globalization;
using System.Text;
using SharpServing.Tensors;

namespace SharpServing.Ops.Support;

/// <summary>The first elements of a tensor as TensorFlow's <c>Tensor::SummarizeValue</c> prints them.</summary>
internal static class ValueSummary
{
    /// <param name="maxEntries">Elements to print; negative: all.</param>
    public static string Of(Tensor tensor, int maxEntries)
    {
        long count = tensor.ElementCount;
        long limit = maxEntries < 0 ? count : System.Math.Min(maxEntries, count);
        var text = new StringBuilder();
        if (tensor.Rank == 0)
        {
            return limit == 0 && count > 0 ? "..." : Element(tensor, 0);
        }

        long index = 0;
        Dimension(tensor, 0, ref index, limit, text);
        if (count > limit)
        {
            text.Append("...");
        }

        return text.ToString();
    }

    private static void Dimension(Tensor tensor, int dimension, ref long index, long limit, StringBuilder text)
    {
        long size = tensor.Shape[dimension];
        if (dimension == tensor.Rank - 1)
        {
            for (long i = 0; i < size; i++, index++)
            {
                if (index >= limit)
                {
                    // A row that is cut says so, but for that of a vector, where the caller does.
                    text.Append(dimension > 0 ? "..." : string.Empty);
                    return;
                }

                text.Append(i > 0 ? " " : string.Empty).Append(Element(tensor, index));
            }

            return;
        }

        for (long i = 0; i < size && index < limit; i++)
        {
            text.Append('[');
            Dimension(tensor, dimension + 1, ref index, limit, text);
            text.Append(']');
        }
    }

    private static string Element(Tensor tensor, long index)
    {
        int i = (int)index;
        return tensor.DType switch
        {
            DType.Float => Number(tensor.Span<float>()[i]),
            DType.Double => Number(tensor.Span<double>()[i]),
            DType.Half => Number((float)tensor.Span<Half>()[i]),
            DType.BFloat16 => Number((float)tensor.Span<BFloat16>()[i]),
            DType.Int32 or DType.QInt32 => tensor.Span<int>()[i].ToString(CultureInfo.InvariantCulture),
            DType.Int64 => tensor.Span<long>()[i].ToString(CultureInfo.InvariantCulture),
            DType.Int16 => tensor.Span<short>()[i].ToString(CultureInfo.InvariantCulture),
            DType.Int8 => tensor.Span<sbyte>()[i].ToString(CultureInfo.InvariantCulture),
            DType.UInt8 => tensor.Span<byte>()[i].ToString(CultureInfo.InvariantCulture),
            DType.UInt16 => tensor.Span<ushort>()[i].ToString(CultureInfo.InvariantCulture),
            DType.UInt32 => tensor.Span<uint>()[i].ToString(CultureInfo.InvariantCulture),
            DType.UInt64 => tensor.Span<ulong>()[i].ToString(CultureInfo.InvariantCulture),
            DType.Bool => tensor.Span<bool>()[i] ? "1" : "0",
            DType.String => Escape(StatusText.FromBytes(tensor.String(i))),
            _ => "?",
        };
    }

    /// <summary>C escapes; what is not ASCII stays.</summary>
    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (char c in value)
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '"' => text.Append("\\\""),
                '\'' => text.Append("\\'"),
                '\\' => text.Append("\\\\"),
                < ' ' or (char)0x7F => text.Append('\\').Append(Convert.ToString(c, 8).PadLeft(3, '0')),
                _ => text.Append(c),
            };
        }

        return text.ToString();
    }

    private static string Number(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        // C's %g with 6 digits.
        string text = value.ToString("G6", CultureInfo.InvariantCulture);
        int exponent = text.IndexOf('E', StringComparison.Ordinal);
        if (exponent < 0)
        {
            double magnitude = System.Math.Abs(value);
            return magnitude is > 0 and < 1e-4 ? FormatExponent(value) : text;
        }

        return FormatExponent(value);
    }

    private static string FormatExponent(double value)
    {
        string text = value.ToString("0.#####e+00", CultureInfo.InvariantCulture);
        return text;
    }
}
