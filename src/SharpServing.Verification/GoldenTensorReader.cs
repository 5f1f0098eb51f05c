using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SharpServing.Tensors;

namespace SharpServing.Verification;

/// <summary>Reads tensors in all forms that golden data uses (FORMAT.md, "Tensors in JSON").</summary>
internal static class GoldenTensorReader
{
    private const int RampPeriod = 251;
    private const int IntegerRampPeriod = 97;

    /// <exception cref="FormatException">Not in one of the forms.</exception>
    public static GoldenTensor Read(JsonElement json)
    {
        DType type = GoldenDTypes.Parse(json.GetProperty("dtype").GetString()!);
        if (!json.TryGetProperty("shape", out JsonElement sizes))
        {
            return new GoldenTensor { Type = type };
        }

        var dimensions = new List<long>();
        foreach (JsonElement size in sizes.EnumerateArray())
        {
            dimensions.Add(size.GetInt64());
        }

        var shape = new Shape([.. dimensions]);
        return new GoldenTensor
        {
            Type = type,
            Shape = shape,
            Values = ReadValues(json, type, shape),
            Summary = json.TryGetProperty("first", out _) ? ReadSummary(json) : null,
        };
    }

    private static Tensor? ReadValues(JsonElement json, DType type, in Shape shape)
    {
        if (json.TryGetProperty("data", out JsonElement data))
        {
            return type == DType.String ? ReadStrings(data, shape) : ReadPlain(data, type, shape);
        }

        if (json.TryGetProperty("ramp", out _))
        {
            return Fill(type, shape, RampOf(type));
        }

        if (json.TryGetProperty("fill", out JsonElement fill))
        {
            double value = fill.GetDouble();
            return Fill(type, shape, _ => value);
        }

        if (json.TryGetProperty("uniform", out JsonElement uniform))
        {
            var values = new float[shape.ElementCount];
            GoldenWeights.FillUniform(values, uniform[0].GetUInt64(), uniform[1].GetDouble(), uniform[2].GetDouble());
            return Fill(type, shape, i => values[i]);
        }

        return null;
    }

    private static Func<long, double> RampOf(DType type) => type switch
    {
        DType.UInt8 => i => i % RampPeriod,
        _ when type.IsInteger() => i => i % IntegerRampPeriod,
        _ => i => (float)(i % RampPeriod) / RampPeriod,
    };

    private static Tensor ReadPlain(JsonElement data, DType type, in Shape shape)
    {
        byte[] bytes = data.GetBytesFromBase64();
        long expected = shape.ElementCount * type.SizeOf();
        if (!type.IsPlain() || bytes.Length != expected)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{type.ToName()}{shape} takes {expected} bytes; there are {bytes.Length}."));
        }

        Tensor tensor = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
        bytes.CopyTo(tensor.Bytes);
        return tensor;
    }

    private static Tensor ReadStrings(JsonElement data, in Shape shape)
    {
        if (data.GetArrayLength() != shape.ElementCount)
        {
            throw new FormatException($"string{shape} with {data.GetArrayLength()} texts.");
        }

        var builder = new StringTensorBuilder(shape);
        foreach (JsonElement text in data.EnumerateArray())
        {
            builder.Append(text.ValueKind == JsonValueKind.String
                ? Encoding.UTF8.GetBytes(text.GetString()!)
                : text.GetProperty("b64").GetBytesFromBase64());
        }

        return builder.Finish();
    }

    private static GoldenSummary ReadSummary(JsonElement json) => new(
        json.GetProperty("first").GetBytesFromBase64(),
        json.GetProperty("every").GetInt32(),
        json.GetProperty("samples").GetBytesFromBase64(),
        json.GetProperty("sum").GetDouble(),
        json.GetProperty("abs_sum").GetDouble());

    private static Tensor Fill(DType type, in Shape shape, Func<long, double> valueAt)
    {
        Tensor tensor = Tensor.Allocate(type, shape, TensorAllocator.Shared, pooled: false);
        Span<byte> bytes = tensor.Bytes;
        for (long i = 0; i < shape.ElementCount; i++)
        {
            Write(bytes, type, (int)i, valueAt(i));
        }

        return tensor;
    }

    private static void Write(Span<byte> bytes, DType type, int index, double value)
    {
        switch (type)
        {
            case DType.Float:
                MemoryMarshal.Cast<byte, float>(bytes)[index] = (float)value;
                break;
            case DType.Double:
                MemoryMarshal.Cast<byte, double>(bytes)[index] = value;
                break;
            case DType.Half:
                MemoryMarshal.Cast<byte, Half>(bytes)[index] = (Half)value;
                break;
            case DType.BFloat16:
                MemoryMarshal.Cast<byte, BFloat16>(bytes)[index] = (BFloat16)(float)value;
                break;
            case DType.Int64 or DType.UInt64:
                MemoryMarshal.Cast<byte, long>(bytes)[index] = (long)value;
                break;
            case DType.Int32 or DType.UInt32 or DType.QInt32:
                MemoryMarshal.Cast<byte, int>(bytes)[index] = (int)value;
                break;
            case DType.Int16 or DType.UInt16 or DType.QInt16 or DType.QUInt16:
                MemoryMarshal.Cast<byte, short>(bytes)[index] = (short)value;
                break;
            case DType.Int8 or DType.UInt8 or DType.QInt8 or DType.QUInt8 or DType.Bool:
                bytes[index] = unchecked((byte)(long)value);
                break;
            default:
                throw new FormatException($"Values of {type.ToName()} cannot be generated.");
        }
    }
}
