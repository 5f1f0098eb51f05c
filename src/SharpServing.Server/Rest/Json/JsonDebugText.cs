using System.Buffers;
using System.Globalization;

namespace SharpServing.Server.Rest.Json;

/// <summary>
/// A value as error texts quote it: pretty-printed with arrays on one line. Writing stops before the first token that would start beyond
/// 256 bytes, and at a number that JSON cannot hold; what is open then stays open.
/// </summary>
internal static class JsonDebugText
{
    private const int Limit = 256;

    public static string Of(in JsonValue value)
    {
        var output = new ArrayBufferWriter<byte>(Limit * 2);
        var writer = new JsonPrettyWriter(output) { SingleLineArrays = true };
        TryWrite(writer, output, value);
        return StatusText.FromBytes(output.WrittenSpan);
    }

    private static bool TryWrite(JsonPrettyWriter writer, ArrayBufferWriter<byte> output, in JsonValue value)
    {
        if (output.WrittenCount >= Limit)
        {
            return false;
        }

        switch (value.Kind)
        {
            case JsonKind.Null:
                writer.WriteRaw("null"u8);
                return true;
            case JsonKind.False:
                writer.WriteRaw("false"u8);
                return true;
            case JsonKind.True:
                writer.WriteRaw("true"u8);
                return true;
            case JsonKind.String:
                writer.WriteString(value.String);
                return true;
            case JsonKind.Int64:
                writer.WriteNumber(value.Int64);
                return true;
            case JsonKind.UInt64:
                writer.WriteNumber(value.UInt64);
                return true;
            case JsonKind.Double:
                bool finite = double.IsFinite(value.Double);
                writer.WriteRaw(finite ? System.Text.Encoding.ASCII.GetBytes(FormatDouble(value.Double)) : []);
                return finite;
            case JsonKind.Array:
                return TryWriteArray(writer, output, value);
            default:
                return TryWriteObject(writer, output, value);
        }
    }

    private static bool TryWriteArray(JsonPrettyWriter writer, ArrayBufferWriter<byte> output, in JsonValue value)
    {
        writer.StartArray();
        JsonValue element = value.First;
        for (int i = value.Count; i > 0; i--)
        {
            if (!TryWrite(writer, output, element))
            {
                return false;
            }

            element = element.Next;
        }

        if (output.WrittenCount >= Limit)
        {
            return false;
        }

        writer.EndArray();
        return true;
    }

    private static bool TryWriteObject(JsonPrettyWriter writer, ArrayBufferWriter<byte> output, in JsonValue value)
    {
        writer.StartObject();
        JsonValue member = value.First;
        for (int i = value.Count * 2; i > 0; i--)
        {
            if (!TryWrite(writer, output, member))
            {
                return false;
            }

            member = member.Next;
        }

        if (output.WrittenCount >= Limit)
        {
            return false;
        }

        writer.EndObject();
        return true;
    }

    /// <summary>Digits of RapidJSON's generator; plain up to 21 digits before the point and 5 zeros behind it, else <c>d.ddde-x</c>. Source: RapidJSON's <c>Prettify</c>.</summary>
    private static string FormatDouble(double value)
    {
        if (value == 0 || double.IsSubnormal(value))
        {
            return double.IsNegative(value) ? "-0.0" : "0.0";
        }

        string digits = Grisu2.DigitsOf(Math.Abs(value), out int point);
        string sign = value < 0 ? "-" : "";
        if (digits.Length <= point && point <= 21)
        {
            return $"{sign}{digits.PadRight(point, '0')}.0";
        }

        if (point is > 0 and <= 21)
        {
            return $"{sign}{digits[..point]}.{digits[point..]}";
        }

        if (point is > -6 and <= 0)
        {
            return $"{sign}0.{new string('0', -point)}{digits}";
        }

        string exponent = (point - 1).ToString(CultureInfo.InvariantCulture);
        return digits.Length == 1 ? $"{sign}{digits}e{exponent}" : $"{sign}{digits[0]}.{digits[1..]}e{exponent}";
    }
}
