using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using SharpServing.Tensors;

namespace SharpServing.EndToEnd.Tests;

/// <summary>Tensors in the JSON of the REST API.</summary>
internal static class JsonTensors
{
    /// <summary>False for types that the original's REST API does not know.</summary>
    public static bool Carries(DType type) => type is DType.Float or DType.Double or DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64
        or DType.UInt8 or DType.UInt32 or DType.UInt64 or DType.Bool or DType.String;

    /// <summary>Nested lists lose all dimensions behind an empty one.</summary>
    public static bool Carries(in Shape shape)
    {
        for (int i = 0; i < shape.Rank - 1; i++)
        {
            if (shape[i] == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The elements from <paramref name="next"/> on, with the dimensions from <paramref name="dimension"/> on.</summary>
    public static void Write(StringBuilder json, Tensor tensor, int dimension, ref long next)
    {
        if (dimension == tensor.Rank)
        {
            WriteElement(json, tensor, next++);
            return;
        }

        json.Append('[');
        for (long i = 0; i < tensor.Shape[dimension]; i++)
        {
            json.Append(i > 0 ? "," : "");
            Write(json, tensor, dimension + 1, ref next);
        }

        json.Append(']');
    }

    /// <summary>An answer's values; <paramref name="emptyShape"/> is the shape when there is no element.</summary>
    public static Tensor Read(object? json, DType type, in Shape emptyShape)
    {
        var sizes = new List<long>();
        for (object? level = json; level is List<object?> list; level = list.Count > 0 ? list[0] : null)
        {
            sizes.Add(list.Count);
        }

        var elements = new List<object?>();
        Collect(json, sizes, 0, elements);
        if (elements.Count == 0)
        {
            emptyShape.ElementCount.ShouldBe(0, "the answer has no elements");
            return type == DType.String ? new StringTensorBuilder(emptyShape).Finish() : Tensor.Zeros(type, emptyShape);
        }

        var shape = new Shape([.. sizes]);
        if (type == DType.String)
        {
            var strings = new StringTensorBuilder(shape);
            elements.ForEach(element => strings.Append(element as byte[]
                ?? Convert.FromBase64String(Encoding.UTF8.GetString((byte[])((Dictionary<string, object?>)element!)["b64"]!))));
            return strings.Finish();
        }

        Tensor tensor = Tensor.Zeros(type, shape);
        for (int i = 0; i < elements.Count; i++)
        {
            ReadElement(elements[i]!, type, i, tensor.Bytes);
        }

        return tensor;
    }

    private static void WriteElement(StringBuilder json, Tensor tensor, long index)
    {
        int i = (int)index;
        CultureInfo plain = CultureInfo.InvariantCulture;
        switch (tensor.DType)
        {
            case DType.Float:
                json.Append(Number(tensor.Span<float>()[i].ToString("R", plain)));
                break;
            case DType.Double:
                json.Append(Number(tensor.Span<double>()[i].ToString("R", plain)));
                break;
            case DType.Half:
                json.Append(Number(tensor.Span<Half>()[i].ToString("R", plain)));
                break;
            case DType.Int8:
                json.Append(plain, $"{(sbyte)tensor.Bytes[i]}");
                break;
            case DType.UInt8:
                json.Append(plain, $"{tensor.Bytes[i]}");
                break;
            case DType.Int16:
                json.Append(plain, $"{tensor.Span<short>()[i]}");
                break;
            case DType.Int32:
                json.Append(plain, $"{tensor.Span<int>()[i]}");
                break;
            case DType.UInt32:
                json.Append(plain, $"{tensor.Span<uint>()[i]}");
                break;
            case DType.Int64:
                json.Append(plain, $"{tensor.Span<long>()[i]}");
                break;
            case DType.UInt64:
                json.Append(plain, $"{tensor.Span<ulong>()[i]}");
                break;
            case DType.Bool:
                json.Append(tensor.Bytes[i] != 0 ? "true" : "false");
                break;
            case DType.String:
                ReadOnlySpan<byte> text = tensor.String(index);
                json.Append(Utf8.IsValid(text) && index % 2 == 0
                    ? $"\"{JsonEncodedText.Encode(text)}\""
                    : $"{{\"b64\":\"{Convert.ToBase64String(text)}\"}}");
                break;
            default:
                // Not carried, whatever is written.
                json.Append('0');
                break;
        }
    }

    private static string Number(string text) => text switch
    {
        "NaN" => "NaN",
        "∞" or "Infinity" => "Infinity",
        "-∞" or "-Infinity" => "-Infinity",
        // An integer token has no negative zero.
        "-0" => "-0.0",
        _ => text,
    };

    private static void Collect(object? json, List<long> sizes, int level, List<object?> elements)
    {
        if (level == sizes.Count)
        {
            json.ShouldNotBeOfType<List<object?>>("a list is deeper than the first one");
            elements.Add(json);
            return;
        }

        List<object?> list = json.ShouldBeOfType<List<object?>>();
        ((long)list.Count).ShouldBe(sizes[level], "lists of one level differ in length");
        list.ForEach(item => Collect(item, sizes, level + 1, elements));
    }

    private static void ReadElement(object json, DType type, int i, Span<byte> bytes)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        if (type == DType.Bool)
        {
            bytes[i] = (bool)json ? (byte)1 : (byte)0;
            return;
        }

        string text = ((JsonNumber)json).Text;
        switch (type)
        {
            case DType.Float:
                MemoryMarshal.Cast<byte, float>(bytes)[i] = float.Parse(text, plain);
                break;
            case DType.Double:
                MemoryMarshal.Cast<byte, double>(bytes)[i] = double.Parse(text, plain);
                break;
            case DType.Int8:
                bytes[i] = (byte)sbyte.Parse(text, plain);
                break;
            case DType.UInt8:
                bytes[i] = byte.Parse(text, plain);
                break;
            case DType.Int16:
                MemoryMarshal.Cast<byte, short>(bytes)[i] = short.Parse(text, plain);
                break;
            case DType.Int32:
                MemoryMarshal.Cast<byte, int>(bytes)[i] = int.Parse(text, plain);
                break;
            case DType.UInt32:
                MemoryMarshal.Cast<byte, uint>(bytes)[i] = uint.Parse(text, plain);
                break;
            case DType.Int64:
                MemoryMarshal.Cast<byte, long>(bytes)[i] = long.Parse(text, plain);
                break;
            case DType.UInt64:
                MemoryMarshal.Cast<byte, ulong>(bytes)[i] = ulong.Parse(text, plain);
                break;
            default:
                throw new InvalidOperationException($"Answers of type {type.ToName()} are not read.");
        }
    }
}
