using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using SharpServing.Server.Rest.Json;
using SharpServing.Tensors;

namespace SharpServing.Server.Rest;

/// <summary>
/// Writes the outputs of a Predict as JSON, byte for byte as the original lays it out. Source: <c>MakeJsonFromTensors</c> in
/// util/json_tensor.cc.
/// </summary>
internal static class JsonPredictWriter
{
    private const string BytesSuffix = "_bytes";

    public static ServingStatus TryWrite(RestPredictCall call, IBufferWriter<byte> output)
    {
        if (call.OutputAliases.Length == 0)
        {
            return RestFaults.NoOutputs;
        }

        return call.IsRow ? TryWriteRows(call, output) : TryWriteColumns(call, output);
    }

    private static ServingStatus TryWriteColumns(RestPredictCall call, IBufferWriter<byte> output)
    {
        var writer = new JsonPrettyWriter(output);
        writer.StartObject();
        writer.WriteString("outputs"u8);
        bool named = call.OutputAliases.Length > 1;
        if (named)
        {
            writer.StartObject();
        }

        for (int i = 0; i < call.OutputAliases.Length; i++)
        {
            if (named)
            {
                writer.WriteString(StatusText.ToBytes(call.OutputAliases[i]));
            }

            var values = new Values(call.OutputAliases[i], call.Outputs[i]!);
            if (!values.TryWrite(writer, 0))
            {
                return RestFaults.NoConversion(values.Tensor.DType);
            }
        }

        if (named)
        {
            writer.EndObject();
        }

        writer.EndObject();
        return ServingStatus.Ok;
    }

    private static ServingStatus TryWriteRows(RestPredictCall call, IBufferWriter<byte> output)
    {
        ServingStatus status = CheckRows(call, out long rows);
        if (!status.IsOk)
        {
            return status;
        }

        int count = call.OutputAliases.Length;
        bool named = count > 1;
        var values = new Values[count];
        byte[][] names = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            values[i] = new Values(call.OutputAliases[i], call.Outputs[i]!);
            names[i] = StatusText.ToBytes(call.OutputAliases[i]);
        }

        var writer = new JsonPrettyWriter(output);
        writer.StartObject();
        writer.WriteString("predictions"u8);
        writer.StartArray();
        for (long row = 0; row < rows; row++)
        {
            if (named)
            {
                writer.SingleLineArrays = false;
                writer.StartObject();
            }

            writer.SingleLineArrays = true;
            for (int i = 0; i < count; i++)
            {
                if (named)
                {
                    writer.WriteString(names[i]);
                }

                if (!values[i].TryWrite(writer, 1))
                {
                    return RestFaults.NoConversion(values[i].Tensor.DType);
                }
            }

            if (named)
            {
                writer.EndObject();
            }
        }

        writer.SingleLineArrays = false;
        writer.EndArray();
        writer.EndObject();
        return ServingStatus.Ok;
    }

    /// <summary>All outputs must have a batch dimension of one size.</summary>
    private static ServingStatus CheckRows(RestPredictCall call, out long rows)
    {
        rows = 0;
        for (int i = 0; i < call.OutputAliases.Length; i++)
        {
            Tensor tensor = call.Outputs[i]!;
            if (tensor.Rank == 0)
            {
                return ServingStatus.InvalidArgument($"Tensor name: {call.OutputAliases[i]} has no shape information ");
            }

            long size = tensor.Shape[0];
            if (i > 0 && size != rows)
            {
                return ServingStatus.InvalidArgument(string.Create(
                    CultureInfo.InvariantCulture, $"Tensor name: {call.OutputAliases[i]} has inconsistent batch size: {size} expecting: {rows}"));
            }

            rows = size;
        }

        return ServingStatus.Ok;
    }

    /// <summary>Goes over the elements of one output.</summary>
    private sealed class Values
    {
        private readonly bool _base64;
        private long _next;
        private byte[] _encoded = [];

        public Values(string alias, Tensor tensor)
        {
            Tensor = tensor;
            _base64 = tensor.DType == DType.String && alias.EndsWith(BytesSuffix, StringComparison.Ordinal);
        }

        public Tensor Tensor { get; }

        /// <summary>The next elements, as many as dimensions from <paramref name="dimension"/> on hold.</summary>
        /// <returns>False for a dtype that has no JSON.</returns>
        public bool TryWrite(JsonPrettyWriter writer, int dimension)
        {
            if (dimension == Tensor.Rank)
            {
                return TryWriteElement(writer, _next++);
            }

            writer.StartArray();
            for (long i = Tensor.Shape[dimension]; i > 0; i--)
            {
                if (!TryWrite(writer, dimension + 1))
                {
                    return false;
                }
            }

            writer.EndArray();
            return true;
        }

        private bool TryWriteElement(JsonPrettyWriter writer, long index)
        {
            int i = (int)index;
            switch (Tensor.DType)
            {
                case DType.Float:
                    writer.WriteNumber(Tensor.Span<float>()[i]);
                    return true;
                case DType.Double:
                    writer.WriteNumber(Tensor.Span<double>()[i]);
                    return true;
                case DType.Int32:
                    writer.WriteNumber((long)Tensor.Span<int>()[i]);
                    return true;
                case DType.Int16:
                    writer.WriteNumber((long)Tensor.Span<short>()[i]);
                    return true;
                case DType.Int8:
                    writer.WriteNumber((long)Tensor.Span<sbyte>()[i]);
                    return true;
                case DType.UInt8:
                    writer.WriteNumber((long)Tensor.Span<byte>()[i]);
                    return true;
                case DType.Int64:
                    writer.WriteNumber(Tensor.Span<long>()[i]);
                    return true;
                case DType.UInt32:
                    writer.WriteNumber((long)Tensor.Span<uint>()[i]);
                    return true;
                case DType.UInt64:
                    writer.WriteNumber(Tensor.Span<ulong>()[i]);
                    return true;
                case DType.Bool:
                    writer.WriteRaw(Tensor.Bytes[i] != 0 ? "true"u8 : "false"u8);
                    return true;
                case DType.String:
                    WriteString(writer, Tensor.String(index));
                    return true;
                default:
                    return false;
            }
        }

        private void WriteString(JsonPrettyWriter writer, ReadOnlySpan<byte> value)
        {
            if (!_base64)
            {
                writer.WriteString(value);
                return;
            }

            int length = Base64.GetMaxEncodedToUtf8Length(value.Length);
            if (_encoded.Length < length)
            {
                _encoded = new byte[length * 2];
            }

            Base64.EncodeToUtf8(value, _encoded, out _, out int written);
            writer.StartObject();
            writer.WriteString("b64"u8);
            writer.WriteString(_encoded.AsSpan(0, written));
            writer.EndObject();
        }
    }
}
