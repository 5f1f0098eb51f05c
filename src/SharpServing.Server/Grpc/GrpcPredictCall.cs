using System.Buffers;
using System.Text.Unicode;
using SharpServing.Server.Services;
using SharpServing.Tensors;
using Tensorflow.Serving;

namespace SharpServing.Server.Grpc;

/// <summary>
/// A Predict that came as a <c>tensorflow.serving.PredictRequest</c>. Its inputs stay in the request's memory until their tensors are
/// made: that memory must live until then.
/// </summary>
internal sealed class GrpcPredictCall : PredictCall
{
    private const int ModelSpecField = 1;
    private const int InputsField = 2;
    private const int OutputFilterField = 3;
    private const int StreamedOptionsField = 5;
    private const int RequestOptionsField = 7;
    private const int KeyField = 1;
    private const int ValueField = 2;
    private const int NameField = 1;
    private const int VersionField = 2;
    private const int SignatureField = 3;
    private const int LabelField = 4;

    private readonly long _maxTensorBytes;
    private ReadOnlySequence<byte>[] _values = new ReadOnlySequence<byte>[4];
    private ReadOnlySequence<byte> _message;

    public GrpcPredictCall(long maxTensorBytes) => _maxTensorBytes = maxTensorBytes;

    public bool HasModelSpec { get; private set; }

    public override bool TryDecodeInput(int index, out Tensor? tensor) => TensorProtoReader.TryRead(_values[index], _maxTensorBytes, out tensor);

    public override byte[] RequestBytes() => _message.ToArray();

    public override void Reset()
    {
        _message = default;
        _values.AsSpan(0, InputCount).Clear();
        HasModelSpec = false;
        base.Reset();
    }

    /// <summary>Reads the whole message; each part of it is checked, also those that are not used.</summary>
    /// <returns>False when it does not parse.</returns>
    public bool TryRead(in ReadOnlySequence<byte> message)
    {
        _message = message;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            if (type != WireType.Bytes)
            {
                if (!reader.TrySkip(field, type))
                {
                    return false;
                }

                continue;
            }

            if (!reader.TryReadBytes(out ReadOnlySequence<byte> bytes) || !TryReadField(field, bytes))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadName(in ReadOnlySequence<byte> bytes, out string name)
    {
        bool valid = Utf8.IsValid(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray());
        name = valid ? Utf8NameCache.Get(bytes) : "";
        return valid;
    }

    private bool TryReadField(int field, in ReadOnlySequence<byte> bytes)
    {
        switch (field)
        {
            case ModelSpecField:
                HasModelSpec = true;
                return TryReadModelSpec(bytes);
            case InputsField:
                return TryReadInput(bytes);
            case OutputFilterField:
                bool valid = TryReadName(bytes, out string alias);
                AddOutputFilter(alias);
                return valid;
            case StreamedOptionsField:
                return ProtobufFaults.Parses(PredictStreamedOptions.Parser, bytes);
            case RequestOptionsField:
                return ProtobufFaults.Parses(PredictRequest.Types.RequestOptions.Parser, bytes);
            default:
                return true;
        }
    }

    /// <summary>A second ModelSpec is merged into the first; version and label exclude each other, the last one counts.</summary>
    private bool TryReadModelSpec(in ReadOnlySequence<byte> message)
    {
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            if (type != WireType.Bytes || field is not (NameField or VersionField or SignatureField or LabelField))
            {
                if (!reader.TrySkip(field, type))
                {
                    return false;
                }

                continue;
            }

            if (!reader.TryReadBytes(out ReadOnlySequence<byte> bytes))
            {
                return false;
            }

            string text = "";
            if (field != VersionField && !TryReadName(bytes, out text))
            {
                return false;
            }

            switch (field)
            {
                case NameField:
                    ModelName = text;
                    break;
                case SignatureField:
                    SignatureName = text;
                    break;
                case LabelField:
                    VersionLabel = text;
                    Version = null;
                    break;
                default:
                    if (!TryReadVersion(bytes))
                    {
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    private bool TryReadVersion(in ReadOnlySequence<byte> message)
    {
        long value = Version ?? 0;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            if (field == 1 && type == WireType.Varint)
            {
                if (!reader.TryReadVarint(out ulong number))
                {
                    return false;
                }

                value = (long)number;
            }
            else if (!reader.TrySkip(field, type))
            {
                return false;
            }
        }

        Version = value;
        VersionLabel = null;
        return true;
    }

    private bool TryReadInput(in ReadOnlySequence<byte> entry)
    {
        string alias = "";
        ReadOnlySequence<byte> value = default;
        var reader = new WireReader(entry);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out int field, out WireType type))
            {
                return false;
            }

            if (type != WireType.Bytes || field is not (KeyField or ValueField))
            {
                if (!reader.TrySkip(field, type))
                {
                    return false;
                }

                continue;
            }

            if (!reader.TryReadBytes(out ReadOnlySequence<byte> bytes))
            {
                return false;
            }

            if (field == KeyField)
            {
                if (!TryReadName(bytes, out alias))
                {
                    return false;
                }
            }
            else if (!TensorProtoValidator.IsValid(bytes))
            {
                return false;
            }
            else
            {
                // A value sent in two parts: the bytes one after the other are the merged message.
                value = value.IsEmpty ? bytes : new ReadOnlySequence<byte>([.. value.ToArray(), .. bytes.ToArray()]);
            }
        }

        AddInput(alias, value);
        return true;
    }

    /// <summary>Of two inputs with one name the last counts.</summary>
    private void AddInput(string alias, in ReadOnlySequence<byte> value)
    {
        int index = InputAliases.IndexOf(alias);
        if (index < 0)
        {
            index = InputCount;
            AddInput(alias);
            if (index == _values.Length)
            {
                Array.Resize(ref _values, index * 2);
            }
        }

        _values[index] = value;
    }
}
