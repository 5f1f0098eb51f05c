using System.Globalization;
using SharpServing.Ops.Strings;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;

namespace SharpServing.Ops.Lookup;

/// <summary>
/// Fills a table from the lines of a file: key and value are a column (from 0), the number of the line (-1) or the whole line (-2). Source:
/// tensorflow/core/kernels/lookup_util.cc.
/// </summary>
internal sealed class TextFileTableKernel : OpKernel
{
    private const long LineNumber = -1;
    private const long WholeLine = -2;

    private readonly long _keyIndex;
    private readonly long _valueIndex;
    private readonly long _vocabularySize;
    private readonly byte _delimiter;
    private readonly long _offset;

    public TextFileTableKernel(KernelBuilder builder)
    {
        _keyIndex = builder.Attributes.Int("key_index");
        _valueIndex = builder.Attributes.Int("value_index");
        _vocabularySize = builder.Attributes.Int("vocab_size");
        _offset = builder.Attributes.Has("offset") ? builder.Attributes.Int("offset") : 0;
        string delimiter = builder.Attributes.String("delimiter");
        if (delimiter == "\\t")
        {
            delimiter = "\t";
        }

        if (delimiter.Length != 1)
        {
            throw StatusException.InvalidArgument("delimiter should be only 1 char");
        }

        _delimiter = (byte)delimiter[0];
    }

    public override void Compute(OpContext context)
    {
        LookupTable table = LookupOps.InitializableTable(context);
        Tensor name = context.Input(1);
        if (name.Rank != 0)
        {
            throw StatusException.InvalidArgument($"filename should be a single string, but got {name.Shape}");
        }

        CheckTypes(table);
        string path = name.Text(0);
        byte[] file = Read(path);
        (List<byte[]> keys, List<byte[]> values) = Parse(file, path, table);
        Tensor keyTensor = Pack(table.KeyType, keys);
        Tensor valueTensor = Pack(table.ValueType, values);
        try
        {
            table.Initialize(keyTensor, valueTensor);
        }
        finally
        {
            keyTensor.Release();
            valueTensor.Release();
        }
    }

    private static byte[] Read(string path)
    {
        if (path.Length == 0)
        {
            throw StatusException.InvalidArgument("filename cannot be empty.");
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw StatusException.NotFound($"{path}; No such file or directory");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StatusException.FailedPrecondition($"{path}; {e.Message}");
        }
    }

    private static Tensor Pack(DType type, List<byte[]> elements)
    {
        var shape = new Shape(elements.Count);
        if (type == DType.String)
        {
            var builder = new StringTensorBuilder(shape);
            foreach (byte[] element in elements)
            {
                builder.Append(element);
            }

            return builder.Finish();
        }

        Tensor tensor = Tensor.Allocate(type, shape);
        for (int i = 0; i < elements.Count; i++)
        {
            elements[i].CopyTo(tensor.Bytes[(i * type.SizeOf())..]);
        }

        return tensor;
    }

    private void CheckTypes(LookupTable table)
    {
        string? fault = null;
        if (_keyIndex == LineNumber && table.KeyType != DType.Int64)
        {
            fault = $"Key index for line number requires table key dtype of int64, got {table.KeyType.ToName()}";
        }
        else if (_keyIndex == WholeLine && table.KeyType is not (DType.String or DType.Int32 or DType.Int64))
        {
            fault = $"Key index for whole line requires string or integer table key, got {table.KeyType.ToName()}";
        }
        else if (_valueIndex == LineNumber && table.ValueType != DType.Int64)
        {
            fault = $"Value index for line number requires table value dtype of int64, got {table.ValueType.ToName()}";
        }
        else if (_valueIndex == WholeLine && table.ValueType is not (DType.String or DType.Int32 or DType.Int64))
        {
            fault = $"Value index for whole line requires table value dtype of integer or string, got {table.ValueType.ToName()}";
        }

        if (fault is not null)
        {
            throw StatusException.InvalidArgument(fault);
        }
    }

    private (List<byte[]> Keys, List<byte[]> Values) Parse(ReadOnlySpan<byte> file, string path, LookupTable table)
    {
        if (_vocabularySize == 0)
        {
            throw StatusException.OutOfRange($"Finished reading 0 of lines from {path}");
        }

        var keys = new List<byte[]>();
        var values = new List<byte[]>();
        int length = file.Length;
        if (length == 0 && _vocabularySize < 0)
        {
            throw StatusException.OutOfRange("Read less bytes than requested");
        }

        long line = 0;
        while (!file.IsEmpty && (_vocabularySize < 0 || line < _vocabularySize))
        {
            int end = file.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = end < 0 ? file : file[..end];
            file = end < 0 ? default : file[(end + 1)..];
            text = text is [.. var bare, (byte)'\r'] ? bare : text;
            if (text.IsEmpty)
            {
                throw StatusException.InvalidArgument($"Invalid content in {path}: empty line found at position {length - file.Length}.");
            }

            keys.Add(Field(text, _keyIndex, line, path, table.KeyType));
            values.Add(Field(text, _valueIndex, line, path, table.ValueType));
            line++;
        }

        if (_vocabularySize > 0 && line < _vocabularySize)
        {
            throw StatusException.InvalidArgument($"Invalid vocab_size in {path}: expected {_vocabularySize} but got {line}");
        }

        return (keys, values);
    }

    private byte[] Field(ReadOnlySpan<byte> line, long index, long number, string path, DType type)
    {
        if (index == LineNumber)
        {
            return BitConverter.GetBytes(number + _offset);
        }

        ReadOnlySpan<byte> field = line;
        if (index != WholeLine)
        {
            long at = 0;
            foreach (Range range in line.Split(_delimiter))
            {
                if (at++ == index)
                {
                    field = line[range];
                }
            }

            long needed = System.Math.Max(_keyIndex, _valueIndex) + 1;
            if (at < needed)
            {
                throw StatusException.InvalidArgument(
                    $"Invalid number of columns in {path} line {number} ({StatusText.FromBytes(line)}) : expected at least {needed} got {at}");
            }
        }

        if (type == DType.Bool)
        {
            throw StatusException.InvalidArgument("Data type bool not supported.");
        }

        return Convert(field, type)
            ?? throw StatusException.InvalidArgument($"Field {StatusText.FromBytes(field)} in line {number} is not a valid {type.ToName()}.");
    }

    private static byte[]? Convert(ReadOnlySpan<byte> field, DType type)
    {
        const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        string text = type == DType.String ? "" : StatusText.FromBytes(field).Trim(' ', '\t', '\n', '\r', '\f', '\v');
        return type switch
        {
            DType.String => field.ToArray(),
            DType.Int32 => int.TryParse(text, Whole, CultureInfo.InvariantCulture, out int small) ? BitConverter.GetBytes(small) : null,
            DType.Int64 => long.TryParse(text, Whole, CultureInfo.InvariantCulture, out long large) ? BitConverter.GetBytes(large) : null,
            DType.Float => NumberText.TryParseFloat(text, out float single) ? BitConverter.GetBytes(single) : null,
            DType.Double => NumberText.TryParseDouble(text, out double wide) ? BitConverter.GetBytes(wide) : null,
            _ => null,
        };
    }
}
